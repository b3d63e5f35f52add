<?php
namespace Pricelane\PrestaShop;

/** What the module puts into the shop's database, and takes away again. */
final class Installation
{
    const HOOKS = [
        'actionFrontControllerInitBefore', 'actionFrontControllerInitAfter', 'displayHeader',
        'actionProductPriceCalculation', 'actionProductSearchProviderRunQueryAfter',
        'actionPresentProduct', 'actionPresentProductListing', 'actionPresentCart', 'displayProductPriceBlock',
        'actionOverrideQuantityAvailableByProduct', 'actionValidateOrderBefore', 'actionValidateOrder',
        'actionObjectOrderDetailAddBefore',
        'actionCustomerFormBuilderModifier', 'actionAfterCreateCustomerFormHandler', 'actionAfterUpdateCustomerFormHandler',
        'actionObjectCustomerDeleteAfter',
    ];
    const TABLES = [
        'pricelane_customer' => '`id_customer` INT UNSIGNED NOT NULL PRIMARY KEY, `code` VARCHAR(200) NOT NULL',
        'pricelane_memory' => '`name` VARCHAR(64) NOT NULL PRIMARY KEY, `value` MEDIUMTEXT NOT NULL, `expires` INT UNSIGNED NOT NULL, '
            . 'KEY `expires` (`expires`)',
        'pricelane_order' => '`id_order` INT UNSIGNED NOT NULL PRIMARY KEY, `id_cart` INT UNSIGNED NOT NULL, '
            . '`quote` TEXT, `agreement` MEDIUMTEXT NOT NULL',
    ];

    public static function createTables(): bool
    {
        foreach (self::TABLES as $name => $columns) {
            $sql = 'CREATE TABLE IF NOT EXISTS `' . _DB_PREFIX_ . $name . '` (' . $columns . ') ENGINE=' . _MYSQL_ENGINE_
                . ' DEFAULT CHARSET=utf8mb4';
            if (!\Db::getInstance()->execute($sql)) {
                return false;
            }
        }

        return true;
    }

    public static function dropAll(): bool
    {
        foreach (array_keys(self::TABLES) as $name) {
            if (!\Db::getInstance()->execute('DROP TABLE IF EXISTS `' . _DB_PREFIX_ . $name . '`')) {
                return false;
            }
        }
        foreach (array_keys(Settings::DEFAULTS) as $name) {
            \Configuration::deleteByName($name);
        }

        return true;
    }

    /** The promise that the order was placed under, for whoever must prove it later. */
    public static function keepWithOrder(int $order, int $cart, array $agreement): void
    {
        \Db::getInstance()->execute(
            'REPLACE INTO `' . _DB_PREFIX_ . 'pricelane_order` (`id_order`, `id_cart`, `quote`, `agreement`) VALUES (' . $order . ', '
            . $cart . ', \'' . pSQL((string) $agreement['quote']) . '\', \'' . pSQL(json_encode($agreement), true) . '\')'
        );
    }
}
