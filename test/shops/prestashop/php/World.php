<?php
use Pricelane\PrestaShop\Agreements;
use Pricelane\PrestaShop\Book;
use Pricelane\PrestaShop\Breaker;
use Pricelane\PrestaShop\CartGuard;
use Pricelane\PrestaShop\CartQuestion;
use Pricelane\PrestaShop\Gateway;
use Pricelane\PrestaShop\Page;
use Pricelane\PrestaShop\PriceCalculation;
use Pricelane\PrestaShop\Texts;
use Pricelane\PrestaShop\Token;

require_once __DIR__ . '/fakes.php';

/** Two customers of the shop, 1 and 2, whom the ERP calls C1 and C2; a customer 3 without a code. */
final class World
{
    public $now = 1000000;
    public $memory;
    public $transport;
    public $shop;
    public $book;
    public $page;
    public $agreements;
    public $calculation;
    public $asksForGuests = false;
    public $ecotaxIncluded = true;
    private $gateway;

    public function __construct()
    {
        $this->memory = new FakeMemory();
        $this->transport = new FakeTransport();
        $this->shop = new FakeShop();
        $this->shop->codes = [1 => 'C1', 2 => 'C2'];
        $this->transport->prices = ['C1|A' => '10.00', 'C2|A' => '7.00', '|A' => '15.00', 'C1|B' => '20', 'C1|A-9' => '11.5'];
    }

    /** One a request. */
    public function gateway(): Gateway
    {
        return $this->gateway ?? $this->gateway = $this->newGateway();
    }

    private function newGateway(): Gateway
    {
        $clock = function (): int {
            return $this->now;
        };
        $token = new Token('shop-1', str_repeat('s', 32), 'pricelane', 'shop');

        return new Gateway('http://gateway/graphql', $token, $this->transport, new Breaker($this->memory, $clock), 500, $clock);
    }

    /** A page of its own: another request of the shop. */
    public function request(string $address = 'home'): PriceCalculation
    {
        $clock = function (): int {
            return $this->now;
        };
        $this->gateway = null;
        $this->book = new Book($this->gateway());
        $this->page = new Page($this->memory, $address, $clock);
        $this->agreements = new Agreements($this->memory, $clock, Agreements::BUYER_SECONDS);

        return new PriceCalculation(
            $this->shop,
            $this->book,
            $this->page,
            $this->agreements,
            $this->asksForGuests,
            $this->ecotaxIncluded
        );
    }

    public function guard(): CartGuard
    {
        return new CartGuard(new CartQuestion($this->gateway()), $this->agreements, new Texts('en'), function (): int {
            return $this->now;
        });
    }

    /** As the shop's own calculation calls the hook. @return array price, specific_price and specific_price_reduction after it */
    public static function calculate(PriceCalculation $calculation, array $asked): array
    {
        $price = 99.0;
        $reduction = 5.0;
        $specific = ['id_specific_price' => 1, 'reduction' => 0.1];
        $params = $asked + [
            'id_product' => 1, 'id_product_attribute' => 0, 'id_currency' => 1, 'id_customer' => 1, 'id_cart' => 0,
            'quantity' => 1, 'real_quantity' => 0, 'use_tax' => false, 'decimals' => 6, 'only_reduc' => false,
            'use_reduc' => true, 'with_ecotax' => true, 'use_group_reduction' => true, 'address' => null,
        ];
        $params['price'] = &$price;
        $params['specific_price'] = &$specific;
        $params['specific_price_reduction'] = &$reduction;
        $calculation->apply($params);

        return ['price' => $price, 'specific_price' => $specific, 'reduction' => $reduction];
    }
}
