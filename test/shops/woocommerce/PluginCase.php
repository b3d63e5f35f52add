<?php

declare(strict_types=1);

use Pricelane\WooCommerce\Plugin;

/** A shop with two business customers (users 1 and 2, codes C1 and C2), a user without a code (3), and four products. */
abstract class PluginCase extends PHPUnit\Framework\TestCase
{
    protected FakeGateway $gateway;

    protected function setUp(): void
    {
        Shop::reset();
        Shop::$options['pricelane_settings'] = ['url' => 'http://127.0.0.1:4000/graphql', 'kid' => 'shop-1', 'secret' => str_repeat('s', 32)];
        Shop::$meta = [1 => ['pricelane_customer_code' => 'C1'], 2 => ['pricelane_customer_code' => 'C2']];
        foreach ([1, 2, 3, 4] as $id) {
            Shop::$products[$id] = new WC_Product($id);
        }
        Shop::$http = $this->gateway = new FakeGateway();
        foreach ([1, 2, 3, 4] as $id) {
            $this->gateway->net["C1 SKU-$id"] = "1$id.5";
            $this->gateway->net["C2 SKU-$id"] = "2$id.5";
            $this->gateway->net[" SKU-$id"] = "7$id";
        }
        Shop::$cart = new WC_Cart();
        Plugin::boot();
    }

    /** The next request of the same shop. */
    protected function nextRequest(int $user): void
    {
        [Shop::$hooks, Shop::$sent, Shop::$notices] = [[], [], []];
        Shop::$user = $user;
        Plugin::boot();
    }

    protected function setting(string $name, string $value): void
    {
        Shop::$options['pricelane_settings'][$name] = $value;
        $this->nextRequest(Shop::$user);
    }

    protected static function isPurchasable(WC_Product $product): bool
    {
        return $product->is_purchasable();
    }
}
