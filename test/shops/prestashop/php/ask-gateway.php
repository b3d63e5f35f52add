<?php
/** Asks a real gateway as one page of the shop would, and prints what it learnt as JSON. The question comes as JSON in the argument. */
use Pricelane\PrestaShop\Book;
use Pricelane\PrestaShop\Breaker;
use Pricelane\PrestaShop\CartQuestion;
use Pricelane\PrestaShop\ConfigurationPage;
use Pricelane\PrestaShop\CurlTransport;
use Pricelane\PrestaShop\Gateway;
use Pricelane\PrestaShop\GatewayError;
use Pricelane\PrestaShop\Texts;
use Pricelane\PrestaShop\Token;

require __DIR__ . '/fakes.php';

$question = json_decode($argv[1], true);
$now = time();
$clock = static function () use (&$now): int {
    return $now;
};
$breaker = new Breaker(new FakeMemory(), $clock);
$token = new Token('shop-1', $question['secret'], 'pricelane', 'shop');
$gateway = new Gateway($question['url'], $token, new CurlTransport(), $breaker, $question['timeoutMs'], $clock);
$pages = [];
foreach ($question['pages'] as $page) {
    $started = microtime(true);
    $book = new Book($gateway);
    foreach ($page['asks'] as list(, $sku, $quantity)) {
        $book->expect($sku, $quantity);
    }
    $answers = [];
    foreach ($page['asks'] as list($customer, $sku, $quantity)) {
        $price = $book->price($customer, $sku, $quantity);
        $answers[] = [$customer, $sku, $quantity, $price['net'] ?? null, $book->available($customer, $sku)];
    }
    $error = $book->error();
    $pages[] = [
        'answers' => $answers, 'calls' => $book->calls(), 'error' => $error === null ? null : $error->getMessage(),
        'ms' => (int) ((microtime(true) - $started) * 1000),
    ];
}
$cart = null;
if (isset($question['cart'])) {
    try {
        $cart = (new CartQuestion($gateway))->ask($question['cart']['customer'], $question['cart']['lines'], null);
    } catch (GatewayError $error) {
        $cart = ['error' => $error->getMessage()];
    }
}
// The connection test of the module's page, which has no variables.
$failure = (new ConfigurationPage(new Texts('en')))->test($gateway);
echo json_encode(['pages' => $pages, 'cart' => $cart, 'connection' => $failure]), "\n";
