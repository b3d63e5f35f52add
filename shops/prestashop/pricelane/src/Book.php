<?php
namespace Pricelane\PrestaShop;

/**
 * What this request knows of prices and stock. Whatever is expected is asked together with the first that is needed, and a page
 * makes four questions at most, that of its cart among them: what would need a fifth stays unknown.
 */
final class Book
{
    const MAX_CALLS = 4;

    private $gateway;
    private $prices = [];
    private $stock = [];
    private $expected = [];
    private $calls = 0;
    private $before;
    private $isDown = false;
    /** @var GatewayError|null why the last question had no answer */
    private $error;

    public function __construct(Gateway $gateway)
    {
        $this->gateway = $gateway;
        $this->before = $gateway->asked();
    }

    /** Asked with the first price that is needed. */
    public function expect(string $sku, string $quantity = '1'): void
    {
        if ($sku !== '') {
            $this->expected[$quantity][$sku] = true;
        }
    }

    /**
     * @param string|null $customer the ERP's code; null for the public
     * @return array|null net, currency, priceUnit and tiers; null where it is not known, or the ERP has none
     */
    public function price($customer, string $sku, string $quantity)
    {
        $key = self::key($customer, $sku, $quantity);
        if (!array_key_exists($key, $this->prices)) {
            $this->expect($sku, $quantity);
            $this->flush($customer);
        }

        return $this->prices[$key] ?? null;
    }

    public function knows($customer, string $sku, string $quantity): bool
    {
        return array_key_exists(self::key($customer, $sku, $quantity), $this->prices);
    }

    /** @return string|null what can still be promised; null where it is not known or not told */
    public function available($customer, string $sku)
    {
        return $this->stock[self::key($customer, $sku, '')] ?? null;
    }

    /** What the order was told goes before what pages were. */
    public function setAvailable($customer, string $sku, string $available): void
    {
        $this->stock[self::key($customer, $sku, '')] = $available;
    }

    public function calls(): int
    {
        return $this->calls;
    }

    public function error()
    {
        return $this->error;
    }

    /** Asks for what is expected and not known yet. */
    public function flush($customer): void
    {
        $batch = $this->takeBatch($customer);
        if ($batch === [] || $this->isDown || $this->gateway->asked() - $this->before >= self::MAX_CALLS) {
            return;
        }
        $this->calls++;
        $question = new PriceQuestion($batch);
        try {
            $data = $this->gateway->ask($question->query(), $question->variables(), $customer, 'storefront');
        } catch (GatewayError $error) {
            // One page waits for a gateway that does not answer once, not four times.
            $this->isDown = true;
            $this->error = $error;

            return;
        }
        foreach ($question->read($data, $customer === null ? 'PUBLIC' : 'CUSTOMER') as $answer) {
            $this->prices[self::key($customer, $answer['sku'], $answer['quantity'])] = $answer['price'];
            $this->stock[self::key($customer, $answer['sku'], '')] = $answer['available'];
        }
    }

    /** @return array<string, string[]> SKUs by quantity, within the bounds of one question */
    private function takeBatch($customer): array
    {
        $batch = [];
        $count = 0;
        // The newest first: that is the one somebody waits for.
        foreach (array_reverse($this->expected, true) as $quantity => $skus) {
            $quantity = (string) $quantity;
            foreach (array_reverse(array_keys($skus)) as $sku) {
                $sku = (string) $sku;
                $isFull = $count >= PriceQuestion::MAX_SKUS
                    || (!isset($batch[$quantity]) && count($batch) >= PriceQuestion::MAX_QUANTITIES);
                if ($this->knows($customer, $sku, $quantity)) {
                    unset($this->expected[$quantity][$sku]);
                } elseif (!$isFull) {
                    $batch[$quantity][] = $sku;
                    $count++;
                    unset($this->expected[$quantity][$sku]);
                }
            }
        }

        return $batch;
    }

    private static function key($customer, string $sku, string $quantity): string
    {
        return json_encode([$customer, $sku, $quantity]);
    }
}
