<?php
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/World.php';

final class PricesTest extends TestCase
{
    private $world;

    protected function setUp(): void
    {
        $this->world = new World();
    }

    private function price(array $asked = []): float
    {
        return World::calculate($this->world->request(), $asked)['price'];
    }

    public function testEachCustomerHasHisOwnPriceAlsoInOneRequest(): void
    {
        $request = $this->world->request();
        foreach ([1 => 10.0, 2 => 7.0, 3 => 99.0] as $customer => $price) {
            self::assertSame($price, World::calculate($request, ['id_customer' => $customer])['price']);
        }
        self::assertSame(10.0, World::calculate($request, ['id_customer' => 1])['price']);
    }

    public function testTaxIsAddedWhereItIsAsked(): void
    {
        self::assertSame(12.0, $this->price(['use_tax' => true]));
    }

    public function testNothingIsStruckThroughAndNoReductionTold(): void
    {
        foreach ([['only_reduc' => true], ['use_reduc' => false], ['use_group_reduction' => false]] as $flags) {
            $answer = World::calculate($this->world->request(), $flags);
            self::assertSame([10.0, null, 0], [$answer['price'], $answer['specific_price'], $answer['reduction']]);
        }
    }

    public function testTheEcotaxIsPartOfTheErpsPriceUnlessSetOtherwise(): void
    {
        $this->world->shop->ecotax = 0.5;
        self::assertSame(10.0, $this->price());
        self::assertSame(9.5, $this->price(['with_ecotax' => false]));
        self::assertEqualsWithDelta(9.5 * 1.2 + 0.55, $this->price(['use_tax' => true]), 1e-9);
        $this->world->ecotaxIncluded = false;
        self::assertSame(10.5, $this->price());
        self::assertSame(10.0, $this->price(['with_ecotax' => false]));
    }

    public function testACombinationIsAskedByItsOwnReferenceAndALadderByTheQuantity(): void
    {
        $this->world->transport->prices['C1|A|10'] = '8.123456';
        self::assertSame(11.5, $this->price(['id_product_attribute' => 9]));
        self::assertSame(8.123456, $this->price(['quantity' => 10]));
    }

    public function testAnotherCurrencyIsConvertedByTheShopsRateAndOneItHasNotIsNoPrice(): void
    {
        self::assertSame(12.5, $this->price(['id_currency' => 2]));
        unset($this->world->shop->rates['EUR']);
        self::assertSame(0.0, World::calculate($this->world->request(), ['id_currency' => 1])['price']);
    }

    public function testNeverThePublicPriceForAPricedCustomer(): void
    {
        $cases = [
            'dead gateway' => [0, ''],
            'broken answer' => [200, '{'],
            'refused token' => [401, '{"errors":[{"message":"The token has expired."}]}'],
        ];
        foreach ($cases as $name => $reply) {
            $this->world->memory->kept = [];
            $this->world->transport->reply = $reply;
            $request = $this->world->request();
            self::assertSame(0.0, World::calculate($request, [])['price'], $name);
            self::assertTrue($request->isOnRequest('1-0'), $name);
            self::assertSame(0.0, World::calculate($request, ['id_product' => 30])['price'], $name);
        }
        $this->world->transport->reply = null;
        $this->world->memory->kept = [];
        $this->world->transport->audience = 'PUBLIC';
        self::assertSame(0.0, $this->price());
    }

    public function testAskedWithoutACustomerItIsStillTheBuyersPage(): void
    {
        $this->world->shop->loggedIn = 1;
        self::assertSame(10.0, $this->price(['id_customer' => 0]));
    }

    public function testGuestsKeepTheShopsPriceUnlessTheErpIsAskedForThem(): void
    {
        self::assertSame(99.0, $this->price(['id_customer' => 0]));
        self::assertCount(0, $this->world->transport->calls);
        $this->world->asksForGuests = true;
        self::assertSame(15.0, $this->price(['id_customer' => 0]));
        self::assertSame(15.0, $this->price(['id_customer' => 3]));
        $this->world->transport->reply = [0, ''];
        self::assertSame(99.0, $this->price(['id_customer' => 0]));
    }

    public function testAPageAsksOnceForWhatItShowedLastTime(): void
    {
        $request = $this->world->request('home');
        World::calculate($request, []);
        World::calculate($request, ['id_product' => 2]);
        self::assertCount(2, $this->world->transport->calls);
        $this->world->page->remember();

        $request = $this->world->request('home');
        World::calculate($request, ['id_customer' => 2]);
        World::calculate($request, ['id_customer' => 2, 'id_product' => 2]);
        self::assertCount(3, $this->world->transport->calls);
        self::assertSame(['A', 'B'], $this->world->transport->skus(2));
        $writes = $this->world->memory->writes;
        $this->world->page->remember();
        self::assertSame($writes, $this->world->memory->writes);
    }

    public function testAPageMetForTheFirstTimeAsksForTheLikeOfWhatItShows(): void
    {
        $this->world->shop->neighbours = ['2-0', '3-0'];
        $request = $this->world->request();
        World::calculate($request, []);
        World::calculate($request, ['id_product' => 2]);
        self::assertCount(1, $this->world->transport->calls);
        self::assertSame(['A', 'B', 'C'], $this->world->transport->skus(0));
    }

    public function testAPageAsksFourTimesAtMostAndADeadGatewayOnce(): void
    {
        $request = $this->world->request();
        for ($product = 1; $product <= 10; $product++) {
            World::calculate($request, ['id_product' => $product]);
        }
        self::assertCount(4, $this->world->transport->calls);
        $this->world->transport->reply = [0, ''];
        $request = $this->world->request();
        for ($product = 1; $product <= 10; $product++) {
            World::calculate($request, ['id_product' => $product]);
        }
        self::assertCount(5, $this->world->transport->calls);
    }

    public function testTheCartIsAskedWithTheFirstPriceHoweverManyQuantitiesItHas(): void
    {
        for ($n = 1; $n <= 8; $n++) {
            $this->world->shop->cart[] = ["$n-0", $n];
            $this->world->transport->prices['C1|' . chr(64 + $n)] = (string) (10 * $n);
        }
        $request = $this->world->request();
        self::assertSame(10.0, World::calculate($request, [])['price'], 'a product of the page');
        for ($n = 1; $n <= 8; $n++) {
            self::assertSame(10.0 * $n, World::calculate($request, ['id_product' => $n, 'quantity' => $n, 'id_cart' => 5])['price']);
        }
        self::assertCount(1, $this->world->transport->calls);
    }

    public function testTheQuestionOfTheCartIsOneOfTheFour(): void
    {
        $request = $this->world->request();
        $this->world->transport->cart = static function (): array {
            return ['verdict' => 'UNVERIFIED', 'reasons' => [], 'lines' => [], 'quote' => null];
        };
        $line = ['key' => 'k', 'sku' => 'A', 'quantity' => '1', 'price' => ['net' => '1', 'priceUnit' => '1'], 'name' => 'A'];
        $this->world->guard()->refusals('C1', 5, [$line], false);
        for ($product = 1; $product <= 10; $product++) {
            World::calculate($request, ['id_product' => $product]);
        }
        self::assertCount(4, $this->world->transport->calls);
    }
}
