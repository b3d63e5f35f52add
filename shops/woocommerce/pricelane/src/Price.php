<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** What one unit costs at one quantity. */
final class Price
{
    /** As the gateway told it, for priceUnit units: what validateCart is shown. */
    public string $net;
    public ?string $gross;
    public string $priceUnit;

    public function __construct(string $net, ?string $gross, string $priceUnit)
    {
        $this->net = $net;
        $this->gross = $gross;
        $this->priceUnit = $priceUnit;
    }

    /**
     * @param mixed $row a Price of the schema
     * @param bool $isCustomers whether it was asked for a customer: an answer for the public is then none
     * @return self|null null for what is not certainly this price
     */
    public static function parse($row, bool $isCustomers, string $currency): ?self
    {
        if (!is_array($row) || ($row['audience'] ?? null) !== ($isCustomers ? 'CUSTOMER' : 'PUBLIC')) {
            return null;
        }
        $net = $row['net']['amount'] ?? null;
        $gross = $row['gross']['amount'] ?? null;
        $unit = $row['priceUnit'] ?? null;
        $isPrice = Decimal::isDecimal($net) && Decimal::isDecimal($unit) && Decimal::compare($unit, '0') > 0
            && ($gross === null || Decimal::isDecimal($gross)) && ($row['net']['currency'] ?? null) === $currency;
        return $isPrice ? new self($net, $gross, $unit) : null;
    }

    /** @return string|null null where prices with tax are wanted, and the ERP tells no tax */
    public function perUnit(bool $withTax): ?string
    {
        $amount = $withTax ? $this->gross : $this->net;
        return $amount === null ? null : Decimal::divide($amount, $this->priceUnit);
    }
}
