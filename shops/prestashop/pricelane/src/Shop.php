<?php
namespace Pricelane\PrestaShop;

/** What the module asks of the shop it stands in. A variant is written "product-combination", such as "12-0". */
interface Shop
{
    /**
     * @param string[] $variants
     * @return array<string, string> the reference of each that has one, by variant
     */
    public function references(array $variants): array;

    /** @return string[] the variants that probably stand on one page with this product */
    public function neighbours(int $product): array;

    /** @return array[] variant and quantity of each line in the buyer's cart; empty where he has none */
    public function cartLines(): array;

    /** @return float|null null where the shop does not have that currency */
    public function convert(float $amount, string $fromIso, int $toCurrency);

    /** @param object $address as the shop's price calculation gives it */
    public function addTaxes(float $net, int $product, $address): float;

    /** @return float before tax, in the currency; 0 where the shop has none */
    public function ecotax(int $product, int $combination, int $currency): float;

    public function addEcotaxTaxes(float $net, $address): float;

    /** @return string|null the ERP's code of a customer of the shop; null where he has none */
    public function customerCode(int $customer);

    /** @return int who is logged in; 0 for a guest */
    public function loggedInCustomer(): int;
}
