<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Shown stock: the ERP's where it is told, the shop's own otherwise. */
final class StockFilters
{
    private Catalogue $catalogue;
    /** @var array<int, ?int> by variable product, in this request */
    private array $together = [];

    public function __construct(Catalogue $catalogue)
    {
        $this->catalogue = $catalogue;
    }

    public function register(): void
    {
        foreach (['woocommerce_product_get', 'woocommerce_product_variation_get'] as $prefix) {
            add_filter("{$prefix}_stock_quantity", [$this, 'quantity'], 99, 2);
            add_filter("{$prefix}_stock_status", [$this, 'status'], 99, 2);
        }
        add_filter('woocommerce_product_is_in_stock', [$this, 'isInStock'], 99, 2);
    }

    /**
     * @param mixed $shopQuantity
     * @return mixed null stays null: the shop does not manage this product's stock
     */
    public function quantity($shopQuantity, \WC_Product $product)
    {
        $parentId = $product->get_stock_managed_by_id();
        if ($shopQuantity !== null && $parentId !== $product->get_id() && $this->catalogue->covers($product)) {
            // WooCommerce compares it with what the cart holds of all variations together.
            if (!array_key_exists($parentId, $this->together)) {
                $parent = wc_get_product($parentId);
                $this->together[$parentId] = $parent instanceof \WC_Product ? $this->catalogue->stockTogether($parent) : null;
            }
            return $this->together[$parentId] === null ? $shopQuantity : wc_stock_amount($this->together[$parentId]);
        }
        $stock = $shopQuantity === null ? null : $this->stock($product);
        return $stock === null || $stock->available === null ? $shopQuantity : wc_stock_amount((int) $stock->available);
    }

    /**
     * @param mixed $shopStatus
     * @return mixed
     */
    public function status($shopStatus, \WC_Product $product)
    {
        $stock = $this->stock($product);
        return $stock === null ? $shopStatus : $stock->status;
    }

    /** @param mixed $isInStock */
    public function isInStock($isInStock, \WC_Product $product): bool
    {
        $stock = $this->stock($product);
        return $stock === null ? (bool) $isInStock : $stock->status !== 'outofstock';
    }

    private function stock(\WC_Product $product): ?Stock
    {
        // A variable product's stock is the sum of what the shop knows; its variations have their own.
        return $this->catalogue->covers($product) && !$product->is_type('variable') ? $this->catalogue->stock($product) : null;
    }
}
