<?php

declare(strict_types=1);

use Pricelane\WooCommerce\Plugin;
use Pricelane\WooCommerce\Settings;

/*
 * Runs the plugin against a gateway that is named in the environment, over real HTTP, and prints what a buyer would see as JSON.
 * The program comes on standard input: a list of steps {user, skus, quantity?, order?}, each a request of its own.
 */
require __DIR__ . '/fakes.php';

Shop::reset();
Shop::$options['pricelane_settings'] = ['url' => getenv('GATEWAY'), 'kid' => getenv('KID'), 'secret' => getenv('SECRET'), 'guests' => 'yes'];
// As WordPress does by curl: a time-out below a second is raised to one, unless a hook says otherwise.
Shop::$http = static function (string $url, array $arguments) {
    $handle = curl_init($url);
    $headers = array_map(static fn ($name, $value) => "$name: $value", array_keys($arguments['headers']), $arguments['headers']);
    curl_setopt_array($handle, [CURLOPT_POSTFIELDS => $arguments['body'], CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT_MS => (int) max(1000, $arguments['timeout'] * 1000)]);
    do_action('http_api_curl', $handle, $arguments, $url);
    $body = curl_exec($handle);
    return $body === false ? new WP_Error('http', curl_error($handle)) : ['status' => curl_getinfo($handle, CURLINFO_RESPONSE_CODE), 'body' => $body];
};

if (getenv('TEST_CONNECTION') === 'yes') {
    echo json_encode((new Pricelane\WooCommerce\SettingsPage(Settings::read()))->tested());
    exit;
}

$seen = [];
foreach (json_decode((string) stream_get_contents(STDIN), true) as $step) {
    [Shop::$hooks, Shop::$sent, Shop::$products, Shop::$cart, Shop::$user] = [[], [], [], new WC_Cart(), (int) $step['user']];
    Shop::$meta = [Shop::$user => ['pricelane_customer_code' => $step['user'] === 0 ? '' : "C{$step['user']}"]];
    Plugin::boot();
    $began = microtime(true);
    foreach ($step['skus'] as $at => $sku) {
        Shop::$products[$at + 1] = new WC_Product($at + 1, ['sku' => $sku]);
        do_action('woocommerce_product_read', $at + 1);
        isset($step['quantity']) && Shop::$cart->add($at + 1, $step['quantity']);
    }
    Shop::$cart->calculate_totals();
    $products = isset($step['quantity']) ? array_column(Shop::$cart->lines, 'data') : Shop::$products;
    $prices = array_map(static fn ($product) => $product->get_price(), array_values($products));
    $errors = new WP_Error();
    if ($step['order'] ?? false) {
        do_action('woocommerce_after_checkout_validation', [], $errors);
    }
    $seen[] = ['prices' => $prices, 'calls' => count(Shop::$sent), 'refusals' => array_values($errors->errors),
        'ms' => (int) ((microtime(true) - $began) * 1000), 'ordered' => array_map(static fn ($product) => $product->get_price(), array_values($products))];
}
echo json_encode($seen);
