<?php
namespace Pricelane\PrestaShop;

/**
 * What a cart was validated at: the prices that its order must carry, however the order comes about, and what the buyer was last
 * shown. A payment's notice from outside finds the agreed price here, whatever became of the gateway since.
 */
final class Agreements
{
    /** A payment may be told of a day later. */
    const SECONDS = 86400;

    /** A buyer's own pages ask anew after a quarter of an hour. */
    const BUYER_SECONDS = 900;

    private $memory;
    private $clock;
    private $seconds;
    private $kept = [];

    /**
     * @param callable(): int $clock in seconds
     * @param int $seconds how long an agreed price goes before what the gateway says
     */
    public function __construct(Memory $memory, callable $clock, int $seconds)
    {
        $this->memory = $memory;
        $this->clock = $clock;
        $this->seconds = $seconds;
    }

    /**
     * @param array $agreement customer, verdict, at, quote (or null), ordered (whether it was made where a payment began), lines: by key sku, quantity,
     *  available and price (or null)
     */
    public function keep(int $cart, array $agreement): void
    {
        $this->kept[$cart] = $agreement;
        $this->memory->put('cart:' . $cart, $agreement, ($this->clock)() + self::SECONDS);
    }

    /** @return array|null */
    public function of(int $cart)
    {
        if ($cart <= 0) {
            return null;
        }
        if (!array_key_exists($cart, $this->kept)) {
            $this->kept[$cart] = $this->memory->get('cart:' . $cart, ($this->clock)());
        }

        return $this->kept[$cart];
    }

    /** @return array[] lines by key, as they were told within the last minute; empty where it is longer ago */
    public function told(int $cart): array
    {
        $agreement = $this->of($cart);

        return $agreement !== null && ($this->clock)() - $agreement['at'] < CartGuard::PAGE_SECONDS ? $agreement['lines'] : [];
    }

    /** @return array|null the price of a line of this cart, where its customer, SKU and quantity are what was validated */
    public function price($customer, int $cart, string $sku, string $quantity)
    {
        $agreement = $customer === null ? null : $this->of($cart);
        if ($agreement === null || $agreement['customer'] !== $customer) {
            return null;
        }
        if (($this->clock)() - $agreement['at'] >= $this->seconds) {
            return null;
        }
        foreach ($agreement['lines'] as $line) {
            if ($line['sku'] === $sku && $line['quantity'] === $quantity) {
                return $line['price'];
            }
        }

        return null;
    }
}
