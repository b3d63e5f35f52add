<?php
/**
 * Plugin Name: Pricelane for WooCommerce
 * Description: True ERP prices and stock in the shop, for each customer his own, live.
 * Version: 0.1.0
 * Requires at least: 6.4
 * Requires PHP: 8.0
 * Requires Plugins: woocommerce
 * WC requires at least: 8.0
 * WC tested up to: 9.9
 * License: Apache-2.0
 * Text Domain: pricelane
 * Domain Path: /languages
 */

declare(strict_types=1);

defined('ABSPATH') || exit;

define('PRICELANE_VERSION', '0.1.0');
define('PRICELANE_DIR', __DIR__ . '/');

spl_autoload_register(static function (string $class): void {
    $prefix = 'Pricelane\\WooCommerce\\';
    if (strpos($class, $prefix) === 0) {
        require __DIR__ . '/src/' . substr($class, strlen($prefix)) . '.php';
    }
});

add_action('before_woocommerce_init', static function (): void {
    if (class_exists(\Automattic\WooCommerce\Utilities\FeaturesUtil::class)) {
        foreach (['custom_order_tables', 'cart_checkout_blocks'] as $feature) {
            \Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility($feature, __FILE__, true);
        }
    }
});

add_action('plugins_loaded', static function (): void {
    if (class_exists('WooCommerce')) {
        \Pricelane\WooCommerce\Plugin::boot();
    }
}, 20);
