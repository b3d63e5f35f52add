<?php

declare(strict_types=1);

final class PricesTest extends PluginCase
{
    public function testEachCustomerSeesHisOwnPricesAndAGuestTheShops(): void
    {
        foreach ([[1, '11.5'], [2, '21.5'], [0, '99'], [3, '99'], [1, '11.5']] as [$user, $price]) {
            Shop::$user = $user;
            self::assertSame($price, Shop::$products[1]->get_price());
        }
    }

    public function testAPageOfProductsIsOneCall(): void
    {
        Shop::$user = 1;
        apply_filters('the_posts', array_map(static fn ($id) => (object) ['ID' => $id, 'post_type' => 'product'], [1, 2, 3, 4]));
        foreach ([1, 2, 3, 4] as $id) {
            self::assertSame("1$id.5", wc_get_product($id)->get_price());
            wc_get_product($id)->get_stock_quantity();
        }
        self::assertCount(1, Shop::$sent);
        self::assertSame('C1', Shop::$sent[0]['claims']['sub']);
        self::assertSame('storefront', Shop::$sent[0]['claims']['scope']);
    }

    public function testGuestsSeeTheGatewaysPublicPricesWhereTheMerchantSaysSoAndTheShopsWhereItIsDown(): void
    {
        $this->setting('guests', 'yes');
        self::assertSame('71', Shop::$products[1]->get_price());
        self::assertArrayNotHasKey('sub', Shop::$sent[0]['claims']);
        $this->gateway->isDown = true;
        $this->nextRequest(0);
        self::assertSame('99', Shop::$products[1]->get_price());
    }

    /** @return array<string, array{callable(FakeGateway): void}> */
    public static function lacks(): array
    {
        return [
            'a dead gateway' => [static function ($gateway): void { $gateway->isDown = true; }],
            'an SKU that the ERP does not know' => [static function ($gateway): void { unset($gateway->net['C1 SKU-1']); }],
            'an answer for the public' => [static function ($gateway): void { $gateway->price = ['audience' => 'PUBLIC']; }],
            'another currency' => [static function ($gateway): void { $gateway->price = ['net' => ['amount' => '1', 'currency' => 'USD']]; }],
            'a price that is a number' => [static function ($gateway): void { $gateway->price = ['net' => ['amount' => 1.5, 'currency' => 'EUR']]; }],
            'a code that none can be' => [static function (): void { Shop::$meta[1]['pricelane_customer_code'] = "C\n1"; }],
            'no settings' => [static function (): void { Shop::$options['pricelane_settings'] = []; Shop::$http = static fn () => new WP_Error('x', 'no URL'); }],
        ];
    }

    /** @dataProvider lacks */
    public function testACustomerIsNeverShownThePublicPriceInPlaceOfHis(callable $lack): void
    {
        $lack($this->gateway);
        $this->nextRequest(1);
        $product = Shop::$products[1];
        self::assertSame('', $product->get_price());
        self::assertSame('', $product->get_regular_price());
        self::assertFalse($product->is_purchasable());
        self::assertStringContainsString('Price on request', $product->get_price_html());
        self::assertStringNotContainsString('99', $product->get_price_html());
    }

    public function testAProductWithoutAnSkuHasNoPriceForACustomer(): void
    {
        Shop::$user = 1;
        self::assertSame('', (new WC_Product(9, ['sku' => '']))->get_price());
        self::assertSame([], Shop::$sent);
    }

    public function testNothingIsFilteredInTheBackOfficeInCronOrWhileSaving(): void
    {
        Shop::$user = 1;
        Shop::$products[1]->save();
        self::assertSame('99', Shop::$saved[1]);
        Shop::$isAdmin = true;
        self::assertSame('99', Shop::$products[1]->get_price());
        [Shop::$isAdmin, Shop::$isCron] = [false, true];
        self::assertSame('99', Shop::$products[1]->get_price());
        Shop::$isCron = false;
        self::assertSame('11.5', Shop::$products[1]->get_price());
    }

    public function testPricesForAHundredAndPricesWithTaxAreTheShopsOwnKind(): void
    {
        $this->gateway->price = ['priceUnit' => '100', 'gross' => ['amount' => '13.80']];
        Shop::$user = 1;
        self::assertSame('0.115', Shop::$products[1]->get_price());
        Shop::$withTax = true;
        self::assertSame('0.138', Shop::$products[1]->get_price());
    }

    public function testTheComponentIsToldWhichSideOfTheTaxTheShopShows(): void
    {
        $this->setting('component', 'yes');
        foreach (['incl' => 'gross', 'excl' => 'net'] as $display => $tax) {
            Shop::$options['woocommerce_tax_display_shop'] = $display;
            self::assertSame("<pricelane-price data-sku=\"SKU-1\" data-tax=\"$tax\">99</pricelane-price>", Shop::$products[1]->get_price_html());
        }
    }

    public function testVariationRangesLeakNothingBetweenCustomersOfOneProcess(): void
    {
        Shop::$products[10] = new WC_Product(10, ['type' => 'variable', 'children' => [11, 12]]);
        foreach ([11, 12] as $id) {
            Shop::$products[$id] = new WC_Product($id, ['type' => 'variation']);
            $this->gateway->net["C1 SKU-$id"] = "1$id";
            $this->gateway->net["C2 SKU-$id"] = "2$id";
        }
        $stored = ['price' => [11 => '99', 12 => '98'], 'regular_price' => [11 => '99', 12 => '98'], 'sale_price' => [11 => '99', 12 => '98']];
        $hashes = [];
        foreach ([1 => [11 => '111', 12 => '112'], 2 => [11 => '211', 12 => '212'], 0 => [11 => '99', 12 => '98']] as $user => $expected) {
            Shop::$user = $user;
            wc_get_product(10);
            self::assertSame($expected, apply_filters('woocommerce_variation_prices', $stored, Shop::$products[10], false)['price'], "user $user");
            self::assertSame($user === 0 ? '99' : "{$user}11", Shop::$products[10]->get_price(), 'the parent tells the lowest of its variations');
            $hashes[] = json_encode(apply_filters('woocommerce_get_variation_prices_hash', ['x']));
        }
        self::assertCount(3, array_unique($hashes));
        self::assertCount(2, Shop::$sent, 'one call for each customer');
    }

    public function testTheStockShownIsTheErps(): void
    {
        Shop::$user = 1;
        $this->gateway->stock = ['status' => 'OUT_OF_STOCK', 'available' => '0'];
        self::assertSame(0, Shop::$products[1]->get_stock_quantity());
        self::assertSame('outofstock', Shop::$products[1]->get_stock_status());
        self::assertSame(5, Shop::$products[1]->get_stock_quantity('edit'));
    }

    public function testAPageReadsTheVariationsOfAProductOnce(): void
    {
        Shop::$user = 1;
        $read = 0;
        add_filter('pricelane_sku', static function ($sku) use (&$read) {
            $read++;
            return $sku;
        });
        $parent = Shop::$products[9] = new WC_Product(9, ['type' => 'variable', 'children' => [1, 2, 3]]);
        self::assertSame('11.5', $parent->get_price());
        $before = $read;
        self::assertSame(['11.5', '11.5', true], [$parent->get_price(), $parent->get_regular_price(), $parent->is_purchasable()]);
        self::assertSame($before, $read);
        Shop::$user = 2;
        self::assertSame('21.5', $parent->get_price());
    }
}
