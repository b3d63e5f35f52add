<?php
namespace Pricelane\PrestaShop;

/** A line of an order as the shop stores it. */
final class OrderLine
{
    /** What it tells of the shop's own reductions. */
    const REDUCTIONS = [
        'reduction_percent', 'reduction_amount', 'reduction_amount_tax_incl', 'reduction_amount_tax_excl', 'group_reduction',
        'product_quantity_discount', 'discount_quantity_applied',
    ];

    /**
     * The shop notes its own reductions beside the ERP's price, and its invoice would work out a higher one that was never asked.
     * @param \OrderDetail $line
     */
    public static function dropReductions($line, PriceCalculation $calculation): void
    {
        if (!$calculation->isPriced((int) $line->product_id . '-' . (int) $line->product_attribute_id)) {
            return;
        }
        foreach (self::REDUCTIONS as $field) {
            $line->$field = 0;
        }
    }
}
