<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Asks once per order, live, whether the cart is still true, and tells why an order must not be placed. */
final class CartValidator
{
    private const QUERY = 'query ($input: ValidateCartInput!) { validateCart(input: $input) { verdict reasons { messageKey } '
        . 'lines { key net { amount } priceUnit available reasons { messageKey } } quote { id token } } }';
    /** Most lines the gateway takes. */
    private const LINES = 200;

    private Gateway $gateway;
    private Buyer $buyer;
    private Catalogue $catalogue;
    private StockWriter $stock;
    private Shown $shown;
    private string $asked = '';
    private ?Verdict $verdict = null;
    /** @var list<string> */
    private array $refusals = [];

    public function __construct(Gateway $gateway, Buyer $buyer, Catalogue $catalogue, StockWriter $stock, Shown $shown)
    {
        [$this->gateway, $this->buyer, $this->catalogue, $this->stock, $this->shown] = [$gateway, $buyer, $catalogue, $stock, $shown];
    }

    /**
     * May be asked several times for one order; the ERP is asked once, until the cart changes.
     * @param \WC_Cart $cart
     * @return list<string> what to tell the buyer; empty where the order may be placed
     */
    public function refusals($cart): array
    {
        if (!$this->catalogue->isAsked()) {
            return [];
        }
        $lines = $cart->get_cart();
        if ($this->verdict === null || $this->asked !== $this->fingerprint($lines)) {
            $this->refusals = $this->judge($cart, $lines);
            if ($this->refusals !== []) {
                $this->shown->note($cart);
            }
            $this->asked = $this->fingerprint($cart->get_cart());
        }
        return $this->refusals;
    }

    /** The promise that the order was accepted under; null where none was given, or the order was not accepted. */
    public function accepted(): ?Verdict
    {
        return $this->refusals === [] ? $this->verdict : null;
    }

    /**
     * @param \WC_Cart $cart
     * @param array<string, array<string, mixed>> $lines
     * @return list<string>
     */
    private function judge($cart, array $lines): array
    {
        $this->verdict = Verdict::unverified();
        if ($this->shown->beganAsAnother()) {
            $cart->calculate_totals();
            return [Messages::changed()];
        }
        $unpriced = $this->unpriced($lines);
        if ($unpriced !== []) {
            return $unpriced;
        }
        $this->verdict = $this->ask($lines);
        $this->stock->write($this->verdict, $lines);
        $isMoved = $this->isMoved($lines);
        if ($isMoved) {
            // The gateway has just read the ERP: what it answers now is the new price.
            $this->catalogue->forget();
            $cart->calculate_totals();
        }
        if ($this->verdict->verdict !== 'ACCEPT') {
            return $this->texts($lines);
        }
        return $isMoved && $this->isMoved($cart->get_cart()) || $this->isAnotherUnit($lines) ? [Messages::changed()] : [];
    }

    /**
     * @param array<string, array<string, mixed>> $lines
     * @return list<string>
     */
    private function unpriced(array $lines): array
    {
        $texts = [];
        foreach ($lines as $line) {
            if ($this->catalogue->amount($line['data']) === null) {
                $texts[] = Messages::unpriced($line['data']->get_name());
            }
        }
        return $texts;
    }

    /** @param array<string, array<string, mixed>> $lines */
    private function ask(array $lines): Verdict
    {
        $input = [];
        foreach ($lines as $key => $line) {
            $quantity = Decimal::fromQuantity($line['quantity']);
            $price = $this->catalogue->price($line['data']);
            if ($quantity === null || $price === null) {
                return Verdict::unverified();
            }
            $sku = Catalogue::skuOf($line['data']);
            $net = $this->shown->of((string) $key, $line)['net'] ?? $price->net;
            $input[] = ['key' => (string) $key, 'sku' => $sku, 'quantity' => $quantity, 'shownNet' => $net];
        }
        if ($input === [] || count($input) > self::LINES) {
            return Verdict::unverified();
        }
        try {
            $variables = ['input' => ['lines' => $input, 'currency' => get_woocommerce_currency()]];
            $answer = $this->gateway->ask(self::QUERY, $variables, $this->buyer->code(), 'checkout');
        } catch (GatewayFailed $failure) {
            wc_get_logger()->warning('order not verified: ' . $failure->getMessage(), ['source' => 'pricelane']);
            return Verdict::unverified();
        }
        return Verdict::parse($answer['data']['validateCart'] ?? null, array_column($input, 'key'));
    }

    /**
     * Whether some line would not be charged what the ERP says, as seen by the price that WooCommerce will take.
     * @param array<string, array<string, mixed>> $lines
     */
    private function isMoved(array $lines): bool
    {
        foreach ($lines as $key => $line) {
            ['net' => $net, 'priceUnit' => $unit] = $this->verdict->lines[(string) $key] ?? ['net' => null, 'priceUnit' => null];
            $price = $this->catalogue->price($line['data']);
            if ($net === null || $price === null || Decimal::compare($net, $price->net) !== 0 || Decimal::compare($unit, $price->priceUnit) !== 0) {
                return true;
            }
            $amount = $this->catalogue->amount($line['data']);
            if ($amount === null || abs((float) $amount - (float) $line['data']->get_price()) > 0.0000005) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a line was shown for another number of units than the gateway compared its price for: what it compared was no price then.
     * @param array<string, array<string, mixed>> $lines
     */
    private function isAnotherUnit(array $lines): bool
    {
        foreach ($lines as $key => $line) {
            $shown = $this->shown->of((string) $key, $line);
            if ($shown !== null && Decimal::compare($shown['priceUnit'], (string) $this->verdict->lines[(string) $key]['priceUnit']) !== 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * @param array<string, array<string, mixed>> $lines
     * @return list<string> never empty
     */
    private function texts(array $lines): array
    {
        $texts = [];
        foreach ($this->verdict->reasons as ['key' => $reason, 'line' => $key]) {
            // "Some items …" only where no item says so itself; what is no hindrance is not told as one.
            if (in_array($reason, ['cart.price_dropped', 'cart.stock_backorder', 'cart.lines_need_consent'], true)) {
                continue;
            }
            $texts[] = Messages::of($reason, $key === null || !isset($lines[$key]) ? [] : $this->values((string) $key, $lines[$key]));
        }
        $default = $this->verdict->verdict === 'NEEDS_CONSENT' ? Messages::changed() : Messages::unverified();
        return $texts === [] ? [$default] : array_values(array_unique($texts));
    }

    /**
     * @param array<string, mixed> $line
     * @return array<string, string>
     */
    private function values(string $key, array $line): array
    {
        $said = $this->verdict->lines[$key];
        return [
            'sku' => $line['data']->get_name(),
            // For one unit, as the shop shows its prices.
            'net' => $said['net'] === null ? '' : html_entity_decode(wp_strip_all_tags(wc_price(Decimal::divide($said['net'], $said['priceUnit'])))),
            'quantity' => (string) $line['quantity'],
            'available' => $said['available'] === null ? '' : Decimal::short($said['available']),
        ];
    }

    /** @param array<string, array<string, mixed>> $lines */
    private function fingerprint(array $lines): string
    {
        $parts = [$this->buyer->code()];
        foreach ($lines as $key => $line) {
            $parts[] = [$key, Catalogue::skuOf($line['data']), $line['quantity'], (string) $line['data']->get_price()];
        }
        return md5((string) json_encode($parts));
    }
}
