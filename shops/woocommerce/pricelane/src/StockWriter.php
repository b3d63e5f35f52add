<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * Writes what the ERP has into the shop before an order: WooCommerce's last reservation reads the shop's own table, where no filter reaches.
 */
final class StockWriter
{
    private bool $isOn;

    public function __construct(bool $isOn)
    {
        $this->isOn = $isOn;
    }

    /** @param array<string, array<string, mixed>> $lines */
    public function write(Verdict $verdict, array $lines): void
    {
        $written = [];
        foreach ($this->isOn ? $lines : [] as $key => $line) {
            $available = $verdict->lines[(string) $key]['available'] ?? null;
            $id = $line['data']->get_stock_managed_by_id();
            // The first line of an SKU tells all there is; the lines behind it what the first leaves.
            if ($available === null || isset($written[$id])) {
                continue;
            }
            $written[$id] = true;
            $this->writeOne($id, Decimal::whole($available));
        }
    }

    private function writeOne(int $id, string $available): void
    {
        $product = wc_get_product($id);
        if (
            $product instanceof \WC_Product && $product->get_manage_stock('edit') === true
            && (string) (int) $product->get_stock_quantity('edit') !== $available
        ) {
            wc_update_product_stock($product, (int) $available, 'set');
        }
    }
}
