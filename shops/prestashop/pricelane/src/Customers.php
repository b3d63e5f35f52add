<?php
namespace Pricelane\PrestaShop;

/** The ERP's codes of the shop's customers, in a table of their own. */
final class Customers
{
    const MAX_LENGTH = 200;
    private static $codes = [];

    /** @return string|null */
    public static function code(int $customer)
    {
        if (!array_key_exists($customer, self::$codes)) {
            $code = self::kept($customer);
            // Who keeps the codes elsewhere answers here.
            \Hook::exec('actionPricelaneCustomerCode', ['id_customer' => $customer, 'code' => &$code]);
            $code = trim((string) $code);
            self::$codes[$customer] = $code === '' ? null : $code;
        }

        return self::$codes[$customer];
    }

    /** As typed in the back office; empty where there is none. */
    public static function kept(int $customer): string
    {
        return (string) \Db::getInstance()->getValue(
            'SELECT `code` FROM `' . _DB_PREFIX_ . 'pricelane_customer` WHERE `id_customer` = ' . $customer
        );
    }


    public static function keep(int $customer, string $code): void
    {
        $code = trim($code);
        if ($code === '') {
            \Db::getInstance()->delete('pricelane_customer', '`id_customer` = ' . $customer);
        } else {
            \Db::getInstance()->execute(
                'REPLACE INTO `' . _DB_PREFIX_ . 'pricelane_customer` (`id_customer`, `code`) VALUES (' . $customer . ', \''
                . pSQL($code, true) . '\')'
            );
        }
        unset(self::$codes[$customer]);
    }
}
