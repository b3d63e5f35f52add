<?php
namespace Pricelane\PrestaShop;

/** The parts of one request of the shop, put together once. */
final class Runtime
{
    public $gateway;
    public $token;
    public $shop;
    public $book;
    public $page;
    public $agreements;
    public $calculation;
    public $guard;

    public function __construct(\Context $context, Texts $texts)
    {
        $clock = static function (): int {
            return time();
        };
        $memory = new DbMemory();
        $this->token = new Token(
            Settings::get('PRICELANE_KID'),
            Settings::get('PRICELANE_SECRET'),
            Settings::get('PRICELANE_AUDIENCE'),
            'prestashop'
        );
        $breaker = new Breaker($memory, $clock);
        $timeout = (int) Settings::get('PRICELANE_TIMEOUT_MS');
        $url = Settings::isComplete() ? Settings::get('PRICELANE_URL') : '';
        $this->gateway = new Gateway($url, $this->token, new CurlTransport(), $breaker, $timeout, $clock);
        $this->shop = new PrestaShopShop($context);
        $this->book = new Book($this->gateway);
        $this->page = new Page($memory, self::address(), $clock);
        // A buyer back from a payment, too, is charged what was agreed before he went there.
        $isPayment = isset($context->controller->module) && $context->controller->module instanceof \PaymentModule;
        $isBuyersPage = $this->shop->loggedInCustomer() > 0 && !$isPayment;
        $this->agreements = new Agreements($memory, $clock, $isBuyersPage ? Agreements::BUYER_SECONDS : Agreements::SECONDS);
        $this->calculation = new PriceCalculation(
            $this->shop,
            $this->book,
            $this->page,
            $this->agreements,
            Settings::get('PRICELANE_GUESTS') === '1',
            Settings::get('PRICELANE_ECOTAX_INCLUDED') === '1'
        );
        $this->guard = new CartGuard(new CartQuestion($this->gateway), $this->agreements, $texts, $clock);
    }

    /** The path, the controller's name and the numbers of the page: free text in the query would fill the memory. */
    private static function address(): string
    {
        $path = (string) parse_url((string) ($_SERVER['REQUEST_URI'] ?? ''), PHP_URL_PATH);
        $numbers = array_map('intval', array_intersect_key($_GET, array_flip(['id_product', 'id_category', 'id_manufacturer', 'page'])));
        $controller = $_GET['controller'] ?? '';
        $isName = is_string($controller) && preg_match('/^\w{1,40}$/D', $controller) === 1;

        return $path . '?' . json_encode([$isName ? $controller : '', $numbers]);
    }
}
