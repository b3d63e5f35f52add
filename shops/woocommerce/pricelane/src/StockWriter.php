<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * Writes what the ERP has into the shop before an order: WooCommerce's last reservation reads the shop's own table, where no filter reaches.
 */
final class StockWriter
{
    private bool $isOn;
    private Catalogue $catalogue;

    public function __construct(bool $isOn, Catalogue $catalogue)
    {
        [$this->isOn, $this->catalogue] = [$isOn, $catalogue];
    }

    /** @param array<string, array<string, mixed>> $lines */
    public function write(Verdict $verdict, array $lines): void
    {
        // By what manages the stock: the product, or the parent of several variations.
        $live = [];
        foreach ($this->isOn ? $lines : [] as $key => $line) {
            $available = $verdict->lines[(string) $key]['available'] ?? null;
            if ($available !== null) {
                // The first line of an SKU tells all there is; the lines behind it what the first leaves.
                $live[$line['data']->get_stock_managed_by_id()][$line['data']->get_id()] ??= Decimal::whole($available);
            }
        }
        foreach ($live as $id => $available) {
            $this->writeOne($id, $available);
        }
    }

    /** @param non-empty-array<int, string> $live by product */
    private function writeOne(int $id, array $live): void
    {
        $product = wc_get_product($id);
        if (!$product instanceof \WC_Product || $product->get_manage_stock('edit') !== true) {
            return;
        }
        $available = isset($live[$id]) ? (int) $live[$id] : (int) $this->catalogue->stockTogether($product, $live);
        if ((int) $product->get_stock_quantity('edit') !== $available) {
            wc_update_product_stock($product, $available, 'set');
        }
    }
}
