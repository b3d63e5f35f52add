<?php
/** As much of PrestaShop's own classes as the module's hooks touch. */
require_once __DIR__ . '/fakes.php';

const _PS_VERSION_ = '8.1.0';
const _DB_PREFIX_ = 'ps_';
const _MYSQL_ENGINE_ = 'InnoDB';

class Configuration
{
    public static $values = [];

    public static function get($name)
    {
        return self::$values[$name] ?? false;
    }

    public static function set($name, $value)
    {
        self::$values[$name] = $value;
    }

    public static function updateValue($name, $value)
    {
        self::$values[$name] = $value;
    }

    public static function deleteByName($name)
    {
        unset(self::$values[$name]);
    }
}

/** Knows customers' codes and products' references; every statement is kept. */
class Db
{
    public static $statements = [];
    public static $codes = [];
    /** Rows by a part of their statement, before those that are always there. */
    public static $rows = [];

    public static function getInstance()
    {
        return new self();
    }

    public function getValue($sql)
    {
        return preg_match('/id_customer` = (\d+)/', $sql, $found) ? (self::$codes[$found[1]] ?? false) : false;
    }

    public function executeS($sql)
    {
        foreach (self::$rows as $part => $rows) {
            if (strpos($sql, $part) !== false) {
                return $rows;
            }
        }
        if (strpos($sql, 'cart_product') !== false) {
            return [['id_product' => 1, 'id_product_attribute' => 0, 'quantity' => 2]];
        }

        return strpos($sql, 'AS `own`') === false ? [] : [
            ['id_product' => 1, 'reference' => 'A', 'id_product_attribute' => null, 'own' => null, 'default_on' => null],
        ];
    }

    public function execute($sql)
    {
        self::$statements[] = $sql;

        return true;
    }

    public function delete($table)
    {
        return $this->execute('DELETE ' . $table);
    }
}

class Hook
{
    public static function exec($name, array $params)
    {
    }
}

class Tools
{
    public static $values = [];
    public static $isCli = false;

    public static function isPHPCLI()
    {
        return self::$isCli;
    }

    public static function getValue($name, $default = false)
    {
        return self::$values[$name] ?? $default;
    }
}

class Module
{
    public $name;
    public $active = true;
    public $context;
    public $hooks = [];

    public function __construct()
    {
        $this->context = Context::getContext();
    }

    public function install()
    {
        return true;
    }

    public function uninstall()
    {
        return true;
    }

    public function registerHook(array $hooks)
    {
        $this->hooks = $hooks;

        return true;
    }
}
class PaymentModule extends Module
{
}

class Context
{
    public static $current;
    public $controller;
    public $customer;
    public $cart;
    public $language;
    public $shop;
    public $smarty;
    public $link;

    public static function getContext()
    {
        return self::$current;
    }
}

class Controller
{
    public $php_self = '';
    public $ajax = false;
    public $errors = [];
    public $redirected = null;
    public $module;

    public function redirectWithNotifications($url)
    {
        $this->redirected = $url;
    }
}
class FrontController extends Controller
{
}
class AdminController extends Controller
{
}

class Product
{
    public static function flushPriceCache()
    {
    }

    public static function getIdTaxRulesGroupByIdProduct()
    {
        return 1;
    }
}

class StockAvailable
{
    public static $written = [];

    public static function setQuantity($product, $combination, $quantity)
    {
        self::$written[] = [$product, $combination, $quantity];
    }
}

function pSQL($text)
{
    return addslashes($text);
}
