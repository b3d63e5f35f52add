<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Prices of cart lines at their quantities. A line whose price cannot be had stays, shows none, and stops the order. */
final class CartFilters
{
    private Catalogue $catalogue;
    private PriceFilters $prices;

    public function __construct(Catalogue $catalogue, PriceFilters $prices)
    {
        $this->catalogue = $catalogue;
        $this->prices = $prices;
    }

    public function register(): void
    {
        add_action('woocommerce_load_cart_from_session', [$this, 'expectLines'], 1);
        add_action('woocommerce_cart_loaded_from_session', [$this, 'noteLines'], 1, 1);
        add_action('woocommerce_before_calculate_totals', [$this, 'setPrices'], 999, 1);
        add_filter('woocommerce_cart_item_is_purchasable', [$this, 'keepsLine'], 99, 4);
        add_filter('woocommerce_cart_item_price', [$this, 'lineText'], 99, 2);
        add_filter('woocommerce_cart_item_subtotal', [$this, 'lineText'], 99, 2);
        add_action('woocommerce_check_cart_items', [$this, 'refuseUnpriced']);
        add_filter('woocommerce_cart_hash', [$this, 'hash'], 99, 1);
    }

    /** WooCommerce asks of each line, as it loads the cart, whether it can be bought; by then all must be wanted. */
    public function expectLines(): void
    {
        $lines = function_exists('WC') && WC()->session ? WC()->session->get('cart', []) : [];
        foreach ($this->catalogue->isAsked() && is_array($lines) ? $lines : [] as $line) {
            $product = wc_get_product((int) ($line['variation_id'] ?? 0) ?: (int) ($line['product_id'] ?? 0));
            $quantity = Decimal::fromQuantity($line['quantity'] ?? 0);
            if ($product instanceof \WC_Product && $quantity !== null && $this->catalogue->covers($product)) {
                $this->catalogue->want($product, $quantity);
            }
        }
    }

    /** @param \WC_Cart $cart */
    public function noteLines($cart): void
    {
        foreach ($this->coveredLines($cart) as [$product, $quantity]) {
            $this->catalogue->noteQuantity($product, $quantity);
            $this->catalogue->want($product, $quantity);
        }
    }

    /**
     * Absolute, never on top of what stood there: totals are computed several times a request.
     * @param \WC_Cart $cart
     */
    public function setPrices($cart): void
    {
        $this->noteLines($cart);
        foreach ($this->coveredLines($cart) as [$product]) {
            $amount = $this->catalogue->amount($product);
            if ($amount !== null || $this->catalogue->isPriced()) {
                $product->set_price($amount ?? '');
            }
        }
    }

    /**
     * A gateway that is out for a minute must empty no carts.
     * @param mixed $isPurchasable
     * @param mixed $key
     * @param mixed $line
     * @param mixed $product
     */
    public function keepsLine($isPurchasable, $key, $line, $product): bool
    {
        return (bool) $isPurchasable || ($product instanceof \WC_Product && $this->prices->isOnRequest($product));
    }

    /**
     * @param mixed $html
     * @param mixed $line
     * @return mixed
     */
    public function lineText($html, $line)
    {
        $product = is_array($line) ? $line['data'] ?? null : null;
        return $product instanceof \WC_Product && $this->prices->isOnRequest($product) ? esc_html__('Price on request', 'pricelane') : $html;
    }

    public function refuseUnpriced(): void
    {
        foreach ($this->coveredLines(WC()->cart) as [$product]) {
            if ($this->prices->isOnRequest($product)) {
                wc_add_notice(Messages::unpriced($product->get_name()), 'error');
            }
        }
    }

    /**
     * With what the lines cost: else the mini cart keeps old prices.
     * @param mixed $hash
     * @return mixed
     */
    public function hash($hash)
    {
        if (!is_string($hash) || $hash === '' || !$this->catalogue->isAsked()) {
            return $hash;
        }
        $version = '';
        foreach ($this->coveredLines(WC()->cart) as $key => [$product, $quantity]) {
            $version .= "$key $quantity " . ($this->catalogue->amount($product) ?? 'none') . "\n";
        }
        return md5("$hash\n$version");
    }

    /**
     * @param \WC_Cart|null $cart
     * @return array<string, array{\WC_Product, string}> product and quantity by the line's key
     */
    private function coveredLines($cart): array
    {
        $lines = [];
        foreach ($cart === null ? [] : $cart->get_cart() as $key => $line) {
            $product = $line['data'] ?? null;
            $quantity = Decimal::fromQuantity($line['quantity'] ?? 0);
            if ($product instanceof \WC_Product && $quantity !== null && $this->catalogue->covers($product)) {
                $lines[(string) $key] = [$product, $quantity];
            }
        }
        return $lines;
    }
}
