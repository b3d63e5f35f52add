<?php
namespace Pricelane\PrestaShop;

/** The prices and stock of many SKUs at their quantities, in one question. */
final class PriceQuestion
{
    /** Most SKUs of one question: the gateway's own bound on a list. */
    const MAX_SKUS = 200;
    /** Most different quantities of one question, within the gateway's bound on a document's length. */
    const MAX_QUANTITIES = 20;

    private $quantities = [];

    /** @param array<string, string[]> $skusByQuantity */
    public function __construct(array $skusByQuantity)
    {
        foreach ($skusByQuantity as $quantity => $skus) {
            $this->quantities[] = [(string) $quantity, array_values($skus)];
        }
    }

    public function query(): string
    {
        $declared = $fields = '';
        foreach (array_keys($this->quantities) as $i) {
            $declared .= '$s' . $i . ': [ID!]!, $q' . $i . ': Decimal!, ';
            $fields .= ' p' . $i . ': products(skus: $s' . $i . ') { price(quantity: $q' . $i . ') { ...P } stock { available } }';
        }

        return 'query Prices(' . rtrim($declared, ', ') . ') {' . $fields . ' } fragment P on Price '
            . '{ audience net { amount currency } priceUnit tiers { minimumQuantity net { amount } } }';
    }

    public function variables(): array
    {
        $variables = [];
        foreach ($this->quantities as $i => list($quantity, $skus)) {
            $variables['s' . $i] = $skus;
            $variables['q' . $i] = $quantity;
        }

        return $variables;
    }

    /**
     * @param string $audience CUSTOMER or PUBLIC: a price that holds for anybody else is none
     * @return array[] each with sku, quantity, price (an array or null) and available (a string or null)
     */
    public function read(array $data, string $audience): array
    {
        $answers = [];
        foreach ($this->quantities as $i => list($quantity, $skus)) {
            foreach ($skus as $n => $sku) {
                $product = $data['p' . $i][$n] ?? null;
                $answers[] = [
                    'sku' => $sku,
                    'quantity' => $quantity,
                    'price' => self::price($product['price'] ?? null, $audience),
                    'available' => self::decimal($product['stock']['available'] ?? null),
                ];
            }
        }

        return $answers;
    }

    private static function price($price, string $audience)
    {
        if (!is_array($price) || ($price['audience'] ?? null) !== $audience) {
            return null;
        }
        $net = self::decimal($price['net']['amount'] ?? null);
        $unit = self::decimal($price['priceUnit'] ?? null);
        $currency = $price['net']['currency'] ?? null;
        if ($net === null || $unit === null || (float) $unit <= 0 || !is_string($currency)) {
            return null;
        }
        $tiers = [];
        foreach ($price['tiers'] ?? [] as $tier) {
            $tiers[] = ['from' => (string) $tier['minimumQuantity'], 'net' => (string) $tier['net']['amount']];
        }

        return ['net' => $net, 'currency' => $currency, 'priceUnit' => $unit, 'tiers' => $tiers];
    }

    private static function decimal($text)
    {
        return is_string($text) && preg_match('/^-?\d+(\.\d+)?$/D', $text) === 1 ? $text : null;
    }
}
