<?php
namespace Pricelane\PrestaShop;

/** "Price on request" in what the templates print. */
final class Presented
{
    private $calculation;
    private $texts;

    public function __construct(PriceCalculation $calculation, Texts $texts)
    {
        $this->calculation = $calculation;
        $this->texts = $texts;
    }

    /**
     * @param \ArrayAccess|array $product
     * @param bool $isCustomers whether whoever looks at it has prices of his own
     */
    public function product(&$product, bool $isCustomers): void
    {
        if ($isCustomers || $this->calculation->isPriced(self::variant($product))) {
            $this->dropOfTheShop($product);
        }
        if (!$this->isOnRequest($product)) {
            return;
        }
        $this->price($product);
        // Without the address the theme's button is off.
        self::put($product, 'add_to_cart_url', null);
    }

    /**
     * Scripts of themes read a product's page from a copy of its entries, which was drawn from beneath what is put here.
     * @param \ArrayAccess|array $product
     */
    public function copyForScripts(&$product): void
    {
        $copy = $product['embedded_attributes'] ?? null;
        if (!is_array($copy)) {
            return;
        }
        foreach (['quantity_discounts', 'unit_price', 'unit_price_full', 'price', 'price_tax_exc', 'add_to_cart_url'] as $name) {
            if (array_key_exists($name, $copy)) {
                $copy[$name] = $product[$name];
            }
        }
        self::put($product, 'embedded_attributes', $copy);
    }

    /** Breaks and unit price are the shop's own, which the ERP's price has nothing to do with. */
    private function dropOfTheShop(&$product): void
    {
        foreach (['quantity_discounts' => [], 'unit_price' => '', 'unit_price_full' => ''] as $name => $nothing) {
            if (!empty($product[$name])) {
                self::put($product, $name, $nothing);
            }
        }
    }

    /** @param \ArrayAccess|array $cart */
    public function cart(&$cart): void
    {
        $products = $cart['products'];
        $missing = [];
        foreach ($products as &$product) {
            if ($this->isOnRequest($product)) {
                $missing[] = (string) ($product['name'] ?? '');
                $this->price($product);
                self::put($product, 'total', $this->texts->text('price_on_request'));
            }
        }
        unset($product);
        if ($missing === []) {
            return;
        }
        self::put($cart, 'products', $products);
        foreach (['totals', 'subtotals'] as $name) {
            $amounts = $cart[$name];
            foreach ($amounts as $key => $amount) {
                if (is_array($amount) && isset($amount['value'])) {
                    $amounts[$key]['value'] = $this->texts->text('price_on_request');
                }
            }
            self::put($cart, $name, $amounts);
        }
        // The order page and the theme's button both obey it.
        self::put($cart, 'minimalPurchaseRequired', $this->texts->text('line_on_request', ['{sku}' => implode(', ', $missing)]));
    }

    private function isOnRequest($product): bool
    {
        return $this->calculation->isOnRequest(self::variant($product));
    }

    private static function variant($product): string
    {
        return (int) $product['id_product'] . '-' . (int) $product['id_product_attribute'];
    }

    private function price(&$product): void
    {
        foreach (['price', 'regular_price', 'price_tax_exc'] as $name) {
            self::put($product, $name, $this->texts->text('price_on_request'));
        }
    }

    private static function put(&$target, string $name, $value): void
    {
        if (is_array($target)) {
            $target[$name] = $value;
        } else {
            // Lazy arrays compute their entries and let them be written by force alone.
            $target->offsetSet($name, $value, true);
        }
    }
}
