<?php
use PHPUnit\Framework\TestCase;
use Pricelane\PrestaShop\Customers;
use Pricelane\PrestaShop\Installation;
use Pricelane\PrestaShop\PrestaShopShop;
use Pricelane\PrestaShop\Runtime;
use Pricelane\PrestaShop\Settings;
use Pricelane\PrestaShop\Texts;

require_once __DIR__ . '/prestashop-fakes.php';
require_once __DIR__ . '/World.php';
require_once __DIR__ . '/../../../../shops/prestashop/pricelane/pricelane.php';

/** Each test is a request of its own: what the module keeps for one request is emptied before it. */
final class ModuleTest extends TestCase
{
    private $context;

    protected function setUp(): void
    {
        foreach (['runtime', 'checkout'] as $name) {
            $property = new ReflectionProperty(Pricelane::class, $name);
            $property->setAccessible(true);
            $property->setValue(null, null);
        }
        $codes = new ReflectionProperty(Customers::class, 'codes');
        $codes->setAccessible(true);
        $codes->setValue(null, []);
        Tools::$values = [];
        Tools::$isCli = false;
        Db::$codes = [1 => 'C1'];
        Db::$rows = [];
        Db::$statements = [];
        Configuration::$values = [
            'PS_SMARTY_CACHE' => 1, 'PRICELANE_URL' => 'http://127.0.0.1:1/graphql', 'PRICELANE_KID' => 'shop-1',
            'PRICELANE_SECRET' => str_repeat('s', 32),
        ];
        Context::$current = $this->context = new Context();
        $this->context->controller = new FrontController();
        $this->context->language = (object) ['iso_code' => 'en'];
        $this->context->shop = (object) ['id' => 1];
        $this->context->smarty = (object) ['caching' => 1];
        $this->context->link = new class() {
            public function getPageLink($page)
            {
                return '/' . $page;
            }
        };
        $this->logIn(1);
    }

    private function logIn(int $customer): void
    {
        $this->context->customer = new class($customer) {
            public $id;

            public function __construct(int $id)
            {
                $this->id = $id;
            }

            public function isLogged()
            {
                return $this->id > 0;
            }
        };
        $this->context->cart = new class($customer) {
            public $id = 5;
            public $id_customer;
            public $customizations = [0];

            public function __construct(int $customer)
            {
                $this->id_customer = $customer;
            }

            public function nbProducts()
            {
                return 1;
            }

            public function getProducts()
            {
                return array_map(static function (int $customization): array {
                    return ['id_product' => 1, 'id_product_attribute' => 0, 'id_customization' => $customization, 'cart_quantity' => 2,
                        'name' => 'Valve <b>', 'quantity_available' => 9];
                }, $this->customizations);
            }
        };
    }

    private function price(int $customer = 1): float
    {
        $price = 99.0;
        (new Pricelane())->hookActionProductPriceCalculation([
            'id_product' => 1, 'id_product_attribute' => 0, 'id_customer' => $customer, 'id_currency' => 1, 'quantity' => 1,
            'use_tax' => false, 'with_ecotax' => true, 'price' => &$price,
        ]);

        return $price;
    }

    public function testSmartysCacheIsOffForAPricedCustomerAlone(): void
    {
        foreach ([0, 3] as $customer) {
            $this->logIn($customer);
            (new Pricelane())->hookActionFrontControllerInitBefore();
            self::assertSame([1, 1], [Configuration::get('PS_SMARTY_CACHE'), $this->context->smarty->caching]);
        }
        $this->logIn(1);
        (new Pricelane())->hookActionFrontControllerInitBefore();
        self::assertSame([0, 0], [Configuration::get('PS_SMARTY_CACHE'), $this->context->smarty->caching]);
    }

    public function testSmartysCacheIsOffForGuestsTooWhereTheyAreShownTheErpsPrices(): void
    {
        Configuration::$values['PRICELANE_GUESTS'] = '1';
        $this->logIn(0);
        (new Pricelane())->hookActionFrontControllerInitBefore();
        self::assertSame([0, 0], [Configuration::get('PS_SMARTY_CACHE'), $this->context->smarty->caching]);
    }

    public function testNothingChangesInTheBackOfficeTheWebserviceOrOnTheCommandLine(): void
    {
        self::assertSame(0.0, $this->price(), 'the front, with a dead gateway');
        foreach ([new AdminController(), null] as $controller) {
            $this->context->controller = $controller;
            self::assertSame(99.0, $this->price());
        }
        $this->context->controller = new FrontController();
        Tools::$isCli = true;
        self::assertSame(99.0, $this->price());
    }

    public function testBeforeItIsSetUpACustomerWithACodeSeesNoPriceOfTheShopsAndCannotOrder(): void
    {
        Configuration::$values = ['PS_SMARTY_CACHE' => 1];
        self::assertSame(0.0, $this->price());
        self::assertSame('/cart', $this->enter('order', false, [])->redirected);
        self::assertSame(['token' => null], (new Pricelane())->browserToken());
        $this->setUp();
        Configuration::$values = ['PS_SMARTY_CACHE' => 1];
        $this->logIn(3);
        self::assertSame(99.0, $this->price(3));
    }

    public function testAnOrdersLineAtTheErpsPriceTellsNoReductionOfTheShopsAndAnotherKeepsIt(): void
    {
        $world = new World();
        $this->runWith($world);
        World::calculate($world->calculation, []);
        foreach ([1 => 0.0, 2 => 20.0] as $product => $percent) {
            $line = (object) ['product_id' => $product, 'product_attribute_id' => 0, 'reduction_percent' => 20.0, 'group_reduction' => 20.0];
            (new Pricelane())->hookActionObjectOrderDetailAddBefore(['object' => $line]);
            self::assertEquals([$percent, $percent], [$line->reduction_percent, $line->group_reduction]);
        }
    }

    public function testTheShopsStockIsWrittenByWhatTheErpSaysNowAndNotByWhatThePageWasTold(): void
    {
        StockAvailable::$written = [];
        $world = new World();
        $world->transport->stock = ['A' => '50'];
        $world->transport->cart = static function (array $input): array {
            return ['verdict' => 'ACCEPT', 'reasons' => [], 'quote' => null, 'lines' => [$input['lines'][0] + [
                'available' => '3.7', 'net' => ['amount' => '10.00', 'currency' => 'EUR'], 'priceUnit' => '1', 'reasons' => [],
            ]]];
        };
        $this->runWith($world);
        self::assertNull($this->enter('order', false, [])->redirected);
        self::assertSame([[1, 0, 3]], StockAvailable::$written);
        self::assertSame(3, (new Pricelane())->quantityAvailable(1, 0));
    }

    public function testOfTwoLinesOfOneSkuTheFirstTellsTheStockAndTheSecondWhatItLeaves(): void
    {
        StockAvailable::$written = [];
        $this->context->cart->customizations = [1, 2];
        $world = new World();
        $world->transport->cart = static function (array $input): array {
            $lines = [];
            foreach ($input['lines'] as $at => $line) {
                $lines[] = $line + ['available' => ['5', '3'][$at], 'net' => ['amount' => '10.00', 'currency' => 'EUR'], 'priceUnit' => '1', 'reasons' => []];
            }

            return ['verdict' => 'ACCEPT', 'reasons' => [], 'quote' => null, 'lines' => $lines];
        };
        $this->runWith($world);
        self::assertNull($this->enter('order', false, [])->redirected);
        self::assertSame(5, (new Pricelane())->quantityAvailable(1, 0));
        self::assertSame([1, 0, 5], StockAvailable::$written[0]);
    }

    public function testAPageMetForTheFirstTimeAsksForTheProductsOwnCombinationsFirst(): void
    {
        Db::$rows = [
            'ORDER BY `id_product_attribute`' => [['id_product' => 1, 'combination' => 8], ['id_product' => 1, 'combination' => 9]],
            'category_product' => [['id_product' => 2, 'combination' => 0]],
        ];
        self::assertSame(['1-8', '1-9', '2-0'], (new PrestaShopShop($this->context))->neighbours(1));
    }

    /** The module's parts, with a gateway that answers. */
    private function runWith(World $world): void
    {
        $world->calculation = $world->request();
        $runtime = new Runtime($this->context, new Texts('en'));
        $world->shop->loggedIn = 1;
        foreach (['shop', 'book', 'page', 'agreements', 'calculation'] as $part) {
            $runtime->$part = $world->$part;
        }
        $runtime->guard = $world->guard();
        $property = new ReflectionProperty(Pricelane::class, 'runtime');
        $property->setAccessible(true);
        $property->setValue(null, $runtime);
    }

    /** @return array<string, array{0: string, 1: bool, 2: array}> */
    public function places(): array
    {
        return [
            'the order page' => ['order', false, []],
            'a payment module, asked directly' => ['', true, ['controller' => 'validation']],
            'an order that costs nothing' => ['order-confirmation', false, ['free_order' => '1']],
        ];
    }

    /** @dataProvider places */
    public function testAnOrderWithoutAPriceIsSentBackToTheCart(string $page, bool $isPayment, array $values): void
    {
        $controller = $this->enter($page, $isPayment, $values);
        self::assertSame('/cart', $controller->redirected);
        self::assertStringContainsString('Valve &lt;b&gt;: price on request', $controller->errors[0]);
    }

    private function enter(string $page, bool $isPayment, array $values): FrontController
    {
        Tools::$values = $values;
        $controller = $this->context->controller = new FrontController();
        $controller->php_self = $page;
        if ($isPayment) {
            $controller->module = new PaymentModule();
            $controller->module->name = 'wire';
        }
        (new Pricelane())->hookActionFrontControllerInitAfter(['controller' => $controller]);

        return $controller;
    }

    public function testOtherPagesGuestsAndCallsAfterThePaymentAreNeverStopped(): void
    {
        self::assertNull($this->enter('category', false, [])->redirected);
        self::assertNull($this->enter('order-confirmation', false, [])->redirected);
        Configuration::$values['PRICELANE_UNGUARDED'] = 'other:webhook, wire:back';
        self::assertNull($this->enter('', true, ['controller' => 'back'])->redirected);
        $this->logIn(0);
        self::assertNull($this->enter('', true, ['controller' => 'webhook'])->redirected);
    }

    public function testTheBrowserGetsATokenOfWhoIsLoggedInAlone(): void
    {
        $answer = (new Pricelane())->browserToken();
        self::assertSame('C1', $answer['sub']);
        self::assertCount(3, explode('.', $answer['token']));
        $this->logIn(3);
        self::assertSame(['token' => null], (new Pricelane())->browserToken());
    }

    public function testWhatIsPrintedInACartWithoutAPriceIsThatAndTheOrderIsShut(): void
    {
        $this->price();
        $cart = [
            'products' => [['id_product' => 1, 'id_product_attribute' => 0, 'name' => 'Valve', 'price' => '0.00', 'total' => '0.00']],
            'totals' => ['total' => ['amount' => 0, 'value' => '0.00']], 'subtotals' => [], 'minimalPurchaseRequired' => '',
        ];
        (new Pricelane())->hookActionPresentCart(['presentedCart' => &$cart]);
        self::assertSame('Price on request', $cart['products'][0]['price']);
        self::assertSame('Price on request', $cart['totals']['total']['value']);
        self::assertStringStartsWith('Valve: price on request', $cart['minimalPurchaseRequired']);
    }

    public function testNoUnitPriceAndNoBreaksOfTheShopsStandBesideAPriceOfTheErps(): void
    {
        foreach ([1 => ['', []], 3 => ['47.77 kg', ['from 5']]] as $customer => $expected) {
            $this->logIn($customer);
            $product = ['id_product' => 1, 'id_product_attribute' => 0, 'unit_price' => '47.77', 'unit_price_full' => '47.77 kg',
                'quantity_discounts' => ['from 5'], 'embedded_attributes' => ['unit_price_full' => '47.77 kg', 'id_product' => 1]];
            (new Pricelane())->hookActionPresentProduct(['presentedProduct' => &$product]);
            self::assertSame($expected, [$product['unit_price_full'], $product['quantity_discounts']]);
            self::assertSame(['unit_price_full' => $expected[0], 'id_product' => 1], $product['embedded_attributes']);
        }
    }

    public function testAFormWithoutTheCodesFieldLeavesTheCode(): void
    {
        (new Pricelane())->hookActionAfterUpdateCustomerFormHandler(['id' => 1, 'form_data' => ['firstname' => 'Ann']]);
        self::assertSame([], Db::$statements);
        (new Pricelane())->hookActionAfterUpdateCustomerFormHandler(['id' => 1, 'form_data' => ['pricelane_code' => null]]);
        self::assertSame(['DELETE pricelane_customer'], Db::$statements);
    }

    public function testFreeTextInAnAddressMakesNoPageOfItsOwn(): void
    {
        $address = new ReflectionMethod(Runtime::class, 'address');
        $address->setAccessible(true);
        $told = [];
        foreach (['?page=1', '?page=1x', '?page=1&controller=a%20b', '?page=1&x=1', '?page=1&controller[]=a', '?page=2', '?page=1&controller=category'] as $query) {
            $_SERVER['REQUEST_URI'] = '/3-valves' . $query;
            parse_str(substr($query, 1), $_GET);
            $told[] = $address->invoke(null);
        }
        [$_GET, $_SERVER['REQUEST_URI']] = [[], ''];
        self::assertCount(1, array_unique(array_slice($told, 0, 5)));
        self::assertCount(3, array_unique($told));
    }

    public function testEveryHookThatIsRegisteredIsThereAndUninstallingLeavesNothing(): void
    {
        $module = new Pricelane();
        self::assertTrue($module->install());
        foreach ($module->hooks as $hook) {
            self::assertTrue(method_exists($module, 'hook' . ucfirst($hook)), $hook);
        }
        self::assertTrue($module->uninstall());
        foreach (array_keys(Installation::TABLES) as $table) {
            self::assertStringContainsString("DROP TABLE IF EXISTS `ps_$table`", implode(';', Db::$statements));
        }
        self::assertSame(['PS_SMARTY_CACHE' => 1], Configuration::$values);
    }

    public function testSettingsNameWhatIsWrongAndAnEmptySecretKeepsTheOldOne(): void
    {
        $good = ['PRICELANE_URL' => 'https://g/graphql', 'PRICELANE_KID' => 'k', 'PRICELANE_SECRET' => '', 'PRICELANE_TIMEOUT_MS' => '500'];
        $texts = new Texts('en');
        self::assertSame([], Settings::save($good, $texts));
        self::assertSame(str_repeat('s', 32), Settings::get('PRICELANE_SECRET'));
        $bad = ['PRICELANE_URL' => 'ftp://g', 'PRICELANE_SECRET' => 'short', 'PRICELANE_TIMEOUT_MS' => '5000', 'PRICELANE_KID' => ''];
        $mistakes = implode(' ', Settings::save($bad, $texts));
        foreach (['ftp://g', '32 characters', '5000', 'name of the key'] as $part) {
            self::assertStringContainsString($part, $mistakes);
        }
        self::assertSame('https://g/graphql', Settings::get('PRICELANE_URL'));
    }

    public function testFrenchAndEnglishHaveTheSameTexts(): void
    {
        $folder = __DIR__ . '/../../../../shops/prestashop/pricelane/src/texts/';
        $keys = static function (string $language) use ($folder): array {
            return array_keys(require $folder . $language . '.php');
        };
        self::assertSame($keys('en'), $keys('fr'));
        $messages = json_decode(file_get_contents(__DIR__ . '/../../../../schema/messages/fr.json'), true);
        self::assertSame([], array_diff_assoc($messages, require $folder . 'fr.php'));
    }
}
