<?php
namespace Pricelane\PrestaShop;

/** The shop itself, by its own classes. */
final class PrestaShopShop implements Shop
{
    const MAX_NEIGHBOURS = 60;

    private $context;
    private $ecotaxes = [];

    public function __construct(\Context $context)
    {
        $this->context = $context;
    }

    public function references(array $variants): array
    {
        $products = implode(',', array_unique(array_map('intval', $variants)));
        $rows = \Db::getInstance()->executeS(
            'SELECT p.`id_product`, p.`reference`, pa.`id_product_attribute`, pa.`reference` AS `own`, pa.`default_on` FROM `'
            . _DB_PREFIX_ . 'product` p LEFT JOIN `' . _DB_PREFIX_ . 'product_attribute` pa ON pa.`id_product` = p.`id_product`'
            . ' WHERE p.`id_product` IN (' . $products . ')'
        ) ?: [];
        $references = [];
        foreach ($rows as $row) {
            $product = (string) $row['reference'];
            $own = (string) $row['own'] === '' ? $product : (string) $row['own'];
            $references[$row['id_product'] . '-' . (int) $row['id_product_attribute']] = $own;
            // Without a combination it is the product itself that is meant, or where that has no reference its default.
            if ($product !== '') {
                $references[$row['id_product'] . '-0'] = $product;
            } elseif ($row['default_on']) {
                $references[$row['id_product'] . '-0'] = $own;
            }
        }

        return array_filter(array_intersect_key($references, array_flip($variants)), 'strlen');
    }

    public function neighbours(int $product): array
    {
        $db = \Db::getInstance();
        // Its own combinations first: a product's page prices them one after the other.
        $own = $db->executeS(
            'SELECT `id_product`, `id_product_attribute` AS `combination` FROM `' . _DB_PREFIX_ . 'product_attribute`'
            . ' WHERE `id_product` = ' . $product . ' ORDER BY `id_product_attribute` LIMIT ' . self::MAX_NEIGHBOURS
        ) ?: [];
        $others = $db->executeS(
            'SELECT DISTINCT ps.`id_product`, IFNULL(ps.`cache_default_attribute`, 0) AS `combination` FROM `' . _DB_PREFIX_
            . 'category_product` mine INNER JOIN `' . _DB_PREFIX_ . 'category_product` other ON other.`id_category` = mine.`id_category`'
            . ' INNER JOIN `' . _DB_PREFIX_ . 'product_shop` ps ON ps.`id_product` = other.`id_product` AND ps.`active` = 1'
            . ' AND ps.`id_shop` = ' . (int) $this->context->shop->id
            . ' WHERE mine.`id_product` = ' . $product . ' LIMIT ' . self::MAX_NEIGHBOURS
        ) ?: [];

        return array_map(static function (array $row): string {
            return (int) $row['id_product'] . '-' . (int) $row['combination'];
        }, array_merge($own, $others));
    }

    public function cartLines(): array
    {
        // By SQL: the cart's own list computes the very prices that this is for.
        $rows = \Db::getInstance()->executeS(
            'SELECT `id_product`, `id_product_attribute`, `quantity` FROM `' . _DB_PREFIX_ . 'cart_product` WHERE `id_cart` = '
            . (int) ($this->context->cart->id ?? 0)
        ) ?: [];

        return array_map(static function (array $row): array {
            return [(int) $row['id_product'] . '-' . (int) $row['id_product_attribute'], (int) $row['quantity']];
        }, $rows);
    }

    public function convert(float $amount, string $fromIso, int $toCurrency)
    {
        $from = (int) \Currency::getIdByIsoCode($fromIso, (int) $this->context->shop->id);
        if ($from === 0) {
            return null;
        }
        if ($from === $toCurrency) {
            return $amount;
        }
        $rate = (float) \Currency::getCurrencyInstance($from)->conversion_rate;
        $target = (float) \Currency::getCurrencyInstance($toCurrency)->conversion_rate;

        return $rate > 0 && $target > 0 ? $amount / $rate * $target : null;
    }

    public function addTaxes(float $net, int $product, $address): float
    {
        return $this->taxed($net, (int) \Product::getIdTaxRulesGroupByIdProduct($product, $this->context), $address);
    }

    public function addEcotaxTaxes(float $net, $address): float
    {
        return $this->taxed($net, (int) \Configuration::get('PS_ECOTAX_TAX_RULES_GROUP_ID'), $address);
    }

    public function ecotax(int $product, int $combination, int $currency): float
    {
        if (!\Configuration::get('PS_USE_ECOTAX')) {
            return 0.0;
        }
        $key = $product . '-' . $combination;
        if (!isset($this->ecotaxes[$key])) {
            $shop = (int) $this->context->shop->id;
            $row = \Db::getInstance()->getRow(
                'SELECT ps.`ecotax`, pas.`ecotax` AS `own` FROM `' . _DB_PREFIX_ . 'product_shop` ps LEFT JOIN `' . _DB_PREFIX_
                . 'product_attribute_shop` pas ON pas.`id_product` = ps.`id_product` AND pas.`id_shop` = ' . $shop
                . ' AND pas.`id_product_attribute` = ' . $combination
                . ' WHERE ps.`id_product` = ' . $product . ' AND ps.`id_shop` = ' . $shop
            );
            $own = (float) ($row['own'] ?? 0);
            $this->ecotaxes[$key] = $own > 0 ? $own : (float) ($row['ecotax'] ?? 0);
        }

        return (float) \Tools::convertPrice($this->ecotaxes[$key], $currency);
    }

    public function customerCode(int $customer)
    {
        return Customers::code($customer);
    }

    public function loggedInCustomer(): int
    {
        $customer = $this->context->customer;

        return $customer !== null && $customer->isLogged() ? (int) $customer->id : 0;
    }

    private function taxed(float $net, int $group, $address): float
    {
        return (float) \TaxManagerFactory::getManager($address, $group)->getTaxCalculator()->addTaxes($net);
    }
}
