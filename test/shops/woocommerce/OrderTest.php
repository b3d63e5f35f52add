<?php

declare(strict_types=1);

final class OrderTest extends PluginCase
{
    private function cart(int $user, int $id = 1, int $quantity = 1): WC_Cart
    {
        Shop::$user = $user;
        Shop::$cart->add($id, $quantity);
        do_action('woocommerce_cart_loaded_from_session', Shop::$cart);
        Shop::$cart->calculate_totals();
        return Shop::$cart;
    }

    /** @return list<string> */
    private function order(): array
    {
        $errors = new WP_Error();
        do_action('woocommerce_after_checkout_validation', [], $errors);
        return array_values($errors->errors);
    }

    /** @return list<string> */
    private function blockOrder(string $method = 'POST', string $route = '/wc/store/v1/checkout'): array
    {
        apply_filters('rest_pre_dispatch', null, null, new WP_REST_Request($method, $route));
        $errors = new WP_Error();
        do_action('woocommerce_store_api_cart_errors', $errors, Shop::$cart);
        return array_values($errors->errors);
    }

    private function liveCalls(): int
    {
        return count(array_filter(Shop::$sent, static fn ($sent) => isset($sent['variables']['input'])));
    }

    public function testALineCostsWhatItsQuantityCostsHoweverOftenTotalsAreComputed(): void
    {
        $this->gateway->net['C1 SKU-1 10'] = '8.25';
        $cart = $this->cart(1, 1, 10);
        $cart->calculate_totals();
        $cart->calculate_totals();
        self::assertSame('8.25', $cart->lines['k1']['data']->get_price());
        self::assertSame('8.25', $cart->lines['k1']['data']->get_price('edit'));
        self::assertSame('11.5', Shop::$products[1]->get_price(), 'one piece costs the price of one');
    }

    public function testTheLinesOfACartAreOneCall(): void
    {
        Shop::$user = 1;
        foreach ([1, 2, 3, 4] as $id) {
            Shop::$cart->add($id, $id);
        }
        do_action('woocommerce_cart_loaded_from_session', Shop::$cart);
        Shop::$cart->calculate_totals();
        self::assertCount(1, Shop::$sent);
    }

    public function testTheOrderIsValidatedLiveOnceAndKeepsItsQuote(): void
    {
        $this->cart(1);
        self::assertSame([], $this->order());
        $order = new WC_Order();
        $item = new WC_Order();
        do_action('woocommerce_checkout_create_order', $order);
        do_action('woocommerce_checkout_create_order_line_item', $item, 'k1');
        self::assertSame(1, $this->liveCalls());
        self::assertSame(['_pricelane_quote_id' => 'q1'], $order->meta);
        self::assertSame(['_pricelane_net' => '11.5', '_pricelane_price_unit' => '1', '_pricelane_quote' => 'signed'], $item->meta);
        $asked = end(Shop::$sent);
        self::assertSame(['C1', 'checkout'], [$asked['claims']['sub'], $asked['claims']['scope']]);
        self::assertSame([['key' => 'k1', 'sku' => 'SKU-1', 'quantity' => '1', 'shownNet' => '11.5']], $asked['variables']['input']['lines']);
    }

    public function testLooksAtABlockCartAskNothingLiveAndItsOrderDoes(): void
    {
        $this->cart(1);
        $this->blockOrder('GET', '/wc/store/v1/cart');
        $this->blockOrder('PUT');
        self::assertSame(0, $this->liveCalls());
        self::assertSame([], $this->blockOrder());
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('REJECT', $lines, [], ['reasons' => [['messageKey' => 'cart.stock_out']]]);
        $this->nextRequest(1);
        self::assertSame(['Product 1 is out of stock.'], $this->blockOrder());
    }

    public function testARequestWithinTheRequestOfAnOrderOpensNoWayPastTheVeto(): void
    {
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('REJECT', $lines);
        $this->cart(1);
        apply_filters('rest_pre_dispatch', null, null, new WP_REST_Request('POST', '/wc/store/v1/checkout'));
        self::assertCount(1, $this->blockOrder('GET', '/wc/v3/products'));
    }

    /** @return array<string, array{string, list<array{messageKey: string}>, string}> */
    public static function verdicts(): array
    {
        return [
            'REJECT' => ['REJECT', [['messageKey' => 'cart.sku_unknown']], 'Product 1 is no longer sold.'],
            'NEEDS_CONSENT' => ['NEEDS_CONSENT', [['messageKey' => 'cart.price_raised']], 'The price of Product 1 has risen to 11.5 €. Please confirm it.'],
            'UNVERIFIED' => ['UNVERIFIED', [['messageKey' => 'cart.stock_unverified']], 'The stock of Product 1 could not be checked at present.'],
            'no word this version knows' => ['MAYBE', [], 'Your order could not be checked at present. Please try again in a moment.'],
        ];
    }

    /** @dataProvider verdicts */
    public function testAnythingButAcceptStopsTheOrderAndSaysWhy(string $verdict, array $reasons, string $text): void
    {
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict($verdict, $lines, [], ['reasons' => $reasons]);
        $this->cart(1);
        self::assertSame([$text], $this->order());
        $this->expectException(Exception::class);
        do_action('woocommerce_checkout_create_order', new WC_Order());
    }

    public function testAPriceForAHundredIsToldAsTheShopShowsIt(): void
    {
        $this->gateway->price = ['priceUnit' => '100'];
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('NEEDS_CONSENT', $lines, [], ['net' => ['amount' => '12.00'],
            'priceUnit' => '100', 'reasons' => [['messageKey' => 'cart.price_raised']]]);
        $this->cart(1);
        self::assertSame(['The price of Product 1 has risen to 0.12 €. Please confirm it.'], $this->order());
    }

    public function testAPriceForAnotherNumberOfUnitsIsAnotherPrice(): void
    {
        $this->cart(1);
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('ACCEPT', $lines, [], ['priceUnit' => '100']);
        self::assertSame(['Something in your order has changed. Please check it and confirm.'], $this->order());
    }

    public function testAnAnswerThatLacksALineHasVerifiedNothing(): void
    {
        $this->gateway->validate = fn () => $this->gateway->verdict('ACCEPT', []);
        $this->cart(1);
        self::assertCount(1, $this->order());
    }

    public function testAGatewayThatDiesBeforeTheOrderStopsIt(): void
    {
        $this->cart(1);
        $this->gateway->isDown = true;
        self::assertSame(['Your order could not be checked at present. Please try again in a moment.'], $this->order());
    }

    public function testADeadGatewayEmptiesNoCartAndSellsNothing(): void
    {
        $this->gateway->isDown = true;
        $cart = $this->cart(1);
        $product = $cart->lines['k1']['data'];
        self::assertTrue(apply_filters('woocommerce_cart_item_is_purchasable', $product->is_purchasable(), 'k1', $cart->lines['k1'], $product));
        self::assertSame('Price on request', apply_filters('woocommerce_cart_item_price', '99 €', $cart->lines['k1']));
        self::assertSame('', $product->get_price());
        do_action('woocommerce_check_cart_items');
        self::assertCount(1, Shop::$notices);
        self::assertSame([], $this->order(), 'it is told once');
        Shop::$notices = [];
        self::assertCount(1, $this->order());
        self::assertCount(1, $this->blockOrder());
    }

    public function testADroppedPriceIsPassedOn(): void
    {
        $cart = $this->cart(1);
        $this->gateway->net['C1 SKU-1'] = '10.00';
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('ACCEPT', $lines, [], ['net' => ['amount' => '10.00'],
            'reasons' => [['messageKey' => 'cart.price_dropped']]]);
        self::assertSame([], $this->order());
        self::assertSame('10.00', $cart->lines['k1']['data']->get_price());
    }

    public function testAPriceThatStaysOldInTheShopIsNotOrderedAt(): void
    {
        $this->cart(1);
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('ACCEPT', $lines, [], ['net' => ['amount' => '10.00']]);
        self::assertSame(['Something in your order has changed. Please check it and confirm.'], $this->order());
    }

    public function testAnOrderByAWayWherePricesAreNotFilteredIsRefused(): void
    {
        Shop::$isAdmin = true;
        self::assertSame('99', $this->cart(1)->lines['k1']['data']->get_price());
        $this->expectException(Exception::class);
        do_action('woocommerce_checkout_create_order', new WC_Order());
    }

    public function testTheErpsStockIsWrittenForTheLinesOfAnOrder(): void
    {
        $this->cart(1, 1, 7);
        $this->order();
        self::assertSame(40, Shop::$products[1]->props['stock_quantity']);
        self::assertSame(5, Shop::$products[2]->props['stock_quantity']);
    }

    public function testTheCartHashMovesWithThePriceAndNotOtherwise(): void
    {
        $cart = $this->cart(1);
        $first = $cart->get_cart_hash();
        $this->nextRequest(1);
        self::assertSame($first, $cart->get_cart_hash());
        $this->gateway->net['C1 SKU-1'] = '10.00';
        $this->nextRequest(1);
        self::assertNotSame($first, $cart->get_cart_hash());
        Shop::$user = 0;
        self::assertSame('hash', $cart->get_cart_hash());
    }

    public function testAGuestsOrderIsTheShopsOwnAffairUnlessGuestsAreAsked(): void
    {
        $this->gateway->isDown = true;
        $this->cart(0);
        self::assertSame([], $this->order());
        $this->setting('guests', 'yes');
        self::assertCount(1, $this->order());
    }

    /** The classic checkout's own request: totals once more, then the check. */
    private function place(): array
    {
        $this->nextRequest(Shop::$user);
        do_action('woocommerce_before_checkout_process');
        Shop::$cart->calculate_totals();
        return $this->order();
    }

    /** As the gateway compares: a price above the one that was shown wants the buyer's word. */
    private function judgesLikeTheGateway(): void
    {
        $this->gateway->validate = function (array $lines, ?string $customer): array {
            $now = $this->gateway->net["$customer {$lines[0]['sku']}"];
            $more = ['net' => ['amount' => $now]];
            return $now > $lines[0]['shownNet']
                ? $this->gateway->verdict('NEEDS_CONSENT', $lines, [], $more + ['reasons' => [['messageKey' => 'cart.price_raised']]])
                : $this->gateway->verdict('ACCEPT', $lines, [], $more);
        };
    }

    public function testAPriceThatRoseBehindTheBuyersBackIsRefusedThoughThePagesKnowIt(): void
    {
        $this->judgesLikeTheGateway();
        $this->cart(1);
        $this->gateway->net['C1 SKU-1'] = '14.00';
        self::assertSame(['The price of Product 1 has risen to 14.00 €. Please confirm it.'], $this->place());
        self::assertTrue(Shop::$session->get('refresh_totals'), 'the totals beside the message are read anew');
        self::assertSame([], $this->place(), 'he has seen it now');
        self::assertSame('14.00', Shop::$cart->lines['k1']['data']->get_price());
    }

    public function testTheSameHoldsForTheBlocks(): void
    {
        $this->judgesLikeTheGateway();
        $this->cart(1);
        $this->gateway->net['C1 SKU-1'] = '14.00';
        $place = function (): array {
            $this->nextRequest(1);
            apply_filters('rest_pre_dispatch', null, null, new WP_REST_Request('POST', '/wc/store/v1/checkout'));
            Shop::$cart->calculate_totals();
            return $this->blockOrder();
        };
        self::assertCount(1, $place());
        self::assertSame([], $place());
    }

    public function testAnOrderThatItsFormStoppedHasShownNoPrice(): void
    {
        $this->judgesLikeTheGateway();
        $this->cart(1);
        $this->gateway->net['C1 SKU-1'] = '14.00';
        Shop::$notices = [];
        $this->nextRequest(1);
        do_action('woocommerce_before_checkout_process');
        Shop::$cart->calculate_totals();
        do_action('woocommerce_after_checkout_validation', [], new WP_Error('billing', 'no phone'));
        self::assertSame(0, $this->liveCalls());
        self::assertCount(1, $this->place());
    }

    public function testTotalsOfALoadedCartHaveShownNoPrice(): void
    {
        $this->judgesLikeTheGateway();
        $this->cart(1);
        $this->gateway->net['C1 SKU-1'] = '14.00';
        $this->nextRequest(1);
        add_action('wp_loaded', static fn () => Shop::$cart->calculate_totals());
        do_action('wp_loaded');
        self::assertCount(1, $this->place());
    }

    public function testAGatewayThatWasOutForAWhileHasShownNoPriceEither(): void
    {
        $this->judgesLikeTheGateway();
        $this->cart(1);
        $this->gateway->isDown = true;
        $this->nextRequest(1);
        Shop::$cart->calculate_totals();
        [$this->gateway->isDown, $this->gateway->net['C1 SKU-1']] = [false, '14.00'];
        self::assertCount(1, $this->place());
    }

    public function testWhatAnotherCustomerSawInTheSessionOrAtAnotherQuantityIsNoPrice(): void
    {
        $this->cart(1);
        Shop::$user = 2;
        self::assertSame([], $this->place());
        self::assertSame('21.5', end(Shop::$sent)['variables']['input']['lines'][0]['shownNet']);
        $this->nextRequest(2);
        Shop::$cart->calculate_totals();
        Shop::$cart->lines['k1']['quantity'] = 7;
        $this->gateway->net['C2 SKU-1 7'] = '19.00';
        self::assertSame([], $this->place());
        self::assertSame('19.00', end(Shop::$sent)['variables']['input']['lines'][0]['shownNet']);
    }

    public function testAnAccountThatIsMadeWithTheOrderBuysAtItsOwnPricesOnceTheyWereSeen(): void
    {
        $this->cart(0);
        do_action('woocommerce_before_checkout_process');
        self::assertSame([], $this->order());
        Shop::$user = 1;
        Shop::$cart->calculate_totals();
        try {
            do_action('woocommerce_checkout_create_order', new WC_Order());
            self::fail('ordered at a price that was another one\'s');
        } catch (Exception $refusal) {
            self::assertSame('Something in your order has changed. Please check it and confirm.', $refusal->getMessage());
        }
        self::assertSame([], $this->place());
        self::assertSame('11.5', Shop::$cart->lines['k1']['data']->get_price('edit'));
    }

    public function testTheBlocksMakeNoOrderAtAGuestsPricesForAnAccountThatTheyHaveJustMade(): void
    {
        $this->cart(0);
        self::assertSame([], $this->blockOrder());
        Shop::$user = 1;
        $order = new WC_Order();
        try {
            do_action('woocommerce_store_api_checkout_order_processed', $order);
            self::fail('ordered at the prices of a guest');
        } catch (StoreApiRefusal $refusal) {
            self::assertSame([409, 'checkout-draft'], [$refusal->status, $order->status]);
        }
    }

    public function testTheBlocksAskTheErpOnceForAnOrder(): void
    {
        $this->cart(1);
        $this->blockOrder();
        do_action('woocommerce_store_api_checkout_order_processed', $order = new WC_Order());
        self::assertSame([1, 'pending'], [$this->liveCalls(), $order->status]);
    }

    public function testAPriceShownForOneIsNotComparedWithOneForAHundred(): void
    {
        $this->cart(1);
        $this->gateway->price = ['priceUnit' => '100'];
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('ACCEPT', $lines, [], ['priceUnit' => '100']);
        self::assertSame(['Something in your order has changed. Please check it and confirm.'], $this->place());
        self::assertSame([], $this->place());
    }

    public function testVariationsThatTheShopCountsInOneHaveTheStockOfAllOfThem(): void
    {
        Shop::$user = 1;
        Shop::$products[9] = new WC_Product(9, ['type' => 'variable', 'children' => [1, 2]]);
        foreach ([1, 2] as $id) {
            Shop::$products[$id] = new WC_Product($id, ['type' => 'variation', 'stock_managed_by' => 9]);
        }
        self::assertSame(80, Shop::$products[1]->get_stock_quantity(), 'WooCommerce compares it with the lines of both');
        $this->gateway->validate = fn ($lines) => $this->gateway->verdict('ACCEPT', $lines, [], ['available' => '3']);
        $this->cart(1, 1, 2);
        self::assertSame([], $this->order());
        self::assertSame(43, Shop::$products[9]->props['stock_quantity'], 'the live 3 of the line, and 40 of the other');
        self::assertSame(5, Shop::$products[1]->props['stock_quantity']);
    }
}
