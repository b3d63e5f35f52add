<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Prices on pages, lists, variations and in the Store API. */
final class PriceFilters
{
    private Catalogue $catalogue;
    private Buyer $buyer;

    public function __construct(Catalogue $catalogue, Buyer $buyer)
    {
        $this->catalogue = $catalogue;
        $this->buyer = $buyer;
    }

    public function register(): void
    {
        foreach (['woocommerce_product_get', 'woocommerce_product_variation_get'] as $prefix) {
            add_filter("{$prefix}_price", [$this, 'price'], 99, 2);
            add_filter("{$prefix}_regular_price", [$this, 'price'], 99, 2);
            add_filter("{$prefix}_sale_price", [$this, 'salePrice'], 99, 2);
        }
        add_filter('woocommerce_variation_prices', [$this, 'variationPrices'], 99, 3);
        add_filter('woocommerce_get_variation_prices_hash', [$this, 'variationHash'], 99, 1);
        add_filter('woocommerce_is_purchasable', [$this, 'isPurchasable'], 99, 2);
        add_filter('woocommerce_variation_is_purchasable', [$this, 'isPurchasable'], 99, 2);
        add_filter('woocommerce_get_price_html', [$this, 'onRequest'], 99, 2);
        add_filter('woocommerce_hide_invisible_variations', [$this, 'hidesVariation'], 99, 3);
    }

    /**
     * @param mixed $shopPrice
     * @return mixed "" where a priced customer's price cannot be had: WooCommerce then sells it at no price at all
     */
    public function price($shopPrice, \WC_Product $product)
    {
        if (!$this->catalogue->covers($product)) {
            return $shopPrice;
        }
        return $this->catalogue->amount($product) ?? ($this->catalogue->isPriced() ? '' : $shopPrice);
    }

    /**
     * The ERP's price is the price: there is nothing to strike through beside it.
     * @param mixed $shopPrice
     * @return mixed
     */
    public function salePrice($shopPrice, \WC_Product $product)
    {
        if (!$this->catalogue->covers($product)) {
            return $shopPrice;
        }
        return $this->catalogue->isPriced() || $this->catalogue->amount($product) !== null ? '' : $shopPrice;
    }

    /**
     * Runs behind the shop's stored prices and stores nothing, so nobody is shown another's.
     * @param mixed $prices lists price, regular_price and sale_price by variation
     * @return mixed
     */
    public function variationPrices($prices, \WC_Product $product, bool $forDisplay = false)
    {
        if (!is_array($prices) || !$this->catalogue->isAsked()) {
            return $prices;
        }
        foreach (array_keys($prices['price'] ?? []) as $id) {
            $variation = wc_get_product($id);
            if ($variation instanceof \WC_Product && $this->catalogue->covers($variation)) {
                $prices = $this->replaced($prices, $id, $this->shown($variation, $forDisplay));
            }
        }
        // WooCommerce takes the first for the lowest, and the last for the highest.
        array_walk($prices, static function (&$list): void {
            if (is_array($list)) {
                asort($list);
            }
        });
        return $prices;
    }

    /**
     * @param mixed $hash
     * @return mixed
     */
    public function variationHash($hash)
    {
        if (is_array($hash) && $this->catalogue->isAsked()) {
            $hash[] = 'pricelane ' . $this->buyer->ordinal();
        }
        return $hash;
    }

    /** @param mixed $isPurchasable */
    public function isPurchasable($isPurchasable, \WC_Product $product): bool
    {
        return (bool) $isPurchasable && !$this->isOnRequest($product);
    }

    /**
     * @param mixed $html
     * @return mixed
     */
    public function onRequest($html, \WC_Product $product)
    {
        $isBare = $this->isOnRequest($product) || ($product->is_type('variable') && $html === '' && $this->catalogue->isPriced());
        return $isBare ? '<span class="pricelane-on-request">' . esc_html__('Price on request', 'pricelane') . '</span>' : $html;
    }

    /**
     * A variation without a price would vanish; it is shown as on request instead, unless it is switched off.
     * @param mixed $hides
     * @param mixed $parent
     * @param mixed $variation
     */
    public function hidesVariation($hides, $parent = 0, $variation = null): bool
    {
        $isKept = $variation instanceof \WC_Product && $variation->get_status() === 'publish' && $this->isOnRequest($variation);
        return (bool) $hides && !$isKept;
    }

    public function isOnRequest(\WC_Product $product): bool
    {
        return $this->catalogue->isPriced() && $this->catalogue->covers($product) && $this->catalogue->amount($product) === null;
    }

    /** @return string|null with tax or without as the shop displays it; null where a customer's price cannot be had; "" for the shop's own */
    private function shown(\WC_Product $variation, bool $forDisplay): ?string
    {
        $amount = $this->catalogue->amount($variation);
        if ($amount === null) {
            return $this->catalogue->isPriced() ? null : '';
        }
        return $forDisplay ? (string) wc_get_price_to_display($variation, ['price' => $amount]) : $amount;
    }

    /**
     * @param array<string, array<int, mixed>> $prices
     * @return array<string, array<int, mixed>>
     */
    private function replaced(array $prices, int $id, ?string $amount): array
    {
        foreach (array_keys($prices) as $list) {
            if ($amount === null) {
                unset($prices[$list][$id]);
            } elseif ($amount !== '') {
                $prices[$list][$id] = $amount;
            }
        }
        return $prices;
    }
}
