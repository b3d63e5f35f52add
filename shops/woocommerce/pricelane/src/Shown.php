<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * What the buyer was last shown to pay for each line of his cart, kept in his session. The order is compared with it: what the gateway
 * says by then may have moved since he looked, and the price that he saw counts.
 */
final class Shown
{
    private const KEY = 'pricelane_shown';

    private Catalogue $catalogue;
    private Buyer $buyer;
    private Scene $scene;
    /** @var array<string, mixed>|null as it was when the request came; null before it was read */
    private ?array $before = null;
    /** @var array{?string} whose totals were the first that this request computed; empty where it did none */
    private array $totalsOf = [];

    public function __construct(Catalogue $catalogue, Buyer $buyer, Scene $scene)
    {
        [$this->catalogue, $this->buyer, $this->scene] = [$catalogue, $buyer, $scene];
    }

    public function register(): void
    {
        add_action('woocommerce_after_calculate_totals', [$this, 'noteTotals'], 99, 1);
    }

    /**
     * Totals are computed for cart and checkout as they are shown. They are for the order too, whose buyer has not seen them, and
     * while a cart is loaded or added to.
     * @param \WC_Cart $cart
     */
    public function noteTotals($cart): void
    {
        $this->totalsOf = $this->totalsOf ?: [$this->buyer->code()];
        if ($this->catalogue->isAsked() && !$this->scene->isOrdering() && !doing_action('wp_loaded')) {
            $this->note($cart);
        }
    }

    /**
     * The buyer is being told what his cart costs now.
     * @param \WC_Cart $cart
     */
    public function note($cart): void
    {
        $this->before(); // It must be read before it is written over.
        $lines = [];
        foreach ($cart->get_cart() as $key => $line) {
            $price = $this->catalogue->covers($line['data']) ? $this->catalogue->price($line['data']) : null;
            // A price that cannot be had for a while leaves the one that he saw before.
            $seen = $price === null ? $this->of((string) $key, $line) : ['net' => $price->net, 'priceUnit' => $price->priceUnit];
            if ($seen !== null) {
                $lines[(string) $key] = ['quantity' => (string) $line['quantity']] + $seen;
            }
        }
        WC()->session?->set(self::KEY, ['buyer' => (string) $this->buyer->code(), 'lines' => $lines]);
    }

    /**
     * @param array<string, mixed> $line of the cart
     * @return array{net: string, priceUnit: string}|null as this buyer saw it before this request; null where he saw none at this quantity
     */
    public function of(string $key, array $line): ?array
    {
        $seen = $this->before()['lines'][$key] ?? null;
        $isHis = ($this->before()['buyer'] ?? null) === (string) $this->buyer->code();
        return $isHis && is_array($seen) && $seen['quantity'] === (string) $line['quantity'] ? $seen : null;
    }

    /** Whether the request began as somebody else's: an account may be made, and logged in, while the order is. */
    public function beganAsAnother(): bool
    {
        return $this->totalsOf !== [] && $this->totalsOf !== [$this->buyer->code()];
    }

    /** @return array<string, mixed> */
    private function before(): array
    {
        return $this->before ??= (array) (WC()->session?->get(self::KEY, []) ?? []);
    }
}
