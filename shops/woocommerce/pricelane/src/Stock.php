<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** What can still be promised of an SKU. */
final class Stock
{
    private const STATUS = [
        'IN_STOCK' => 'instock', 'LOW_STOCK' => 'instock', 'BACKORDER' => 'onbackorder', 'OUT_OF_STOCK' => 'outofstock',
    ];

    /** In WooCommerce's words: instock, onbackorder, outofstock. */
    public string $status;
    /** Whole units; null where the caller sees the status alone. */
    public ?string $available;

    private function __construct(string $status, ?string $available)
    {
        $this->status = $status;
        $this->available = $available;
    }

    /** @param mixed $row a Stock of the schema */
    public static function parse($row): ?self
    {
        $status = is_array($row) && is_string($row['status'] ?? null) ? self::STATUS[$row['status']] ?? null : null;
        if ($status === null) {
            return null;
        }
        $available = $row['available'] ?? null;
        return new self($status, Decimal::isDecimal($available) ? Decimal::whole($available) : null);
    }
}
