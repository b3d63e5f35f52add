<?php
use PHPUnit\Framework\TestCase;
use Pricelane\PrestaShop\Agreements;
use Pricelane\PrestaShop\Texts;

require_once __DIR__ . '/World.php';

final class CartTest extends TestCase
{
    private $world;
    private $erpNet = '10.00';
    private $priceUnit = '1';
    private $asked = [];

    protected function setUp(): void
    {
        $this->world = new World();
        $this->world->request('order');
        $this->world->transport->cart = function (array $input): array {
            $this->asked[] = $input;
            $line = $input['lines'][0];
            // A price that stands under a promise is no risen one.
            $isRaised = !isset($input['quote']) && (float) $this->erpNet > (float) $line['shownNet'];

            return [
                'verdict' => $isRaised ? 'NEEDS_CONSENT' : 'ACCEPT', 'reasons' => [],
                'quote' => ['token' => 'quote-' . count($this->asked), 'expiresAt' => ''],
                'lines' => [[
                    'key' => $line['key'], 'sku' => $line['sku'], 'quantity' => $line['quantity'], 'available' => '4',
                    'net' => ['amount' => $this->erpNet, 'currency' => 'EUR'], 'priceUnit' => $this->priceUnit,
                    'reasons' => $isRaised ? [['messageKey' => 'cart.price_raised']] : [],
                ]],
            ];
        };
    }

    private function line($net = '10.00', string $quantity = '2'): array
    {
        $price = $net === null ? null : ['net' => $net, 'currency' => 'EUR', 'priceUnit' => '1', 'tiers' => []];

        return ['key' => '1-0-0', 'sku' => 'A', 'quantity' => $quantity, 'price' => $price, 'name' => 'Valve'];
    }

    private function refusals(array $line, bool $isOrder): array
    {
        return $this->world->guard()->refusals('C1', 5, [$line], $isOrder);
    }

    public function testTheOrderPageAsksOnceAMinuteAndTheOrderAlways(): void
    {
        self::assertSame([], $this->refusals($this->line(), false));
        self::assertSame([], $this->refusals($this->line(), false));
        self::assertCount(1, $this->asked);
        self::assertSame([], $this->refusals($this->line(), true));
        self::assertCount(2, $this->asked);
        self::assertSame('checkout', $this->world->transport->calls[1]['scope']);
    }

    public function testARisenPriceIsRefusedAndSeeingItIsConsent(): void
    {
        $this->refusals($this->line(), false);
        $this->erpNet = '12.00';
        // The gateway's page price moved, too: what counts is what the buyer saw on the order page.
        self::assertSame(['The price of A has risen to 12.00 EUR. Please confirm it.'], $this->refusals($this->line('12.00'), true));
        self::assertSame('10.00', $this->asked[1]['lines'][0]['shownNet']);
        self::assertNotSame([], $this->refusals($this->line('12.00'), true), 'a payment that was never offered anew');
        self::assertSame([], $this->refusals($this->line('12.00'), false));
        self::assertSame([], $this->refusals($this->line('12.00'), true));
    }

    public function testThePromiseOfTheOrderPageHoldsNobodyBackFromARisenPriceButThatOfAPaymentBegunHolds(): void
    {
        $this->refusals($this->line(), false);
        $this->world->now += 61;
        $this->refusals($this->line(), false);
        self::assertSame([], $this->refusals($this->line(), true), 'he goes to pay');
        self::assertSame([false, false, false], array_map(static function (array $input): bool {
            return isset($input['quote']);
        }, $this->asked));
        $this->erpNet = '12.00';
        self::assertSame([], $this->refusals($this->line(), true), 'he comes back from the payment');
        self::assertSame('quote-3', $this->asked[3]['quote']);
    }

    public function testAPriceForAHundredIsNotToldAsOneOfAPiece(): void
    {
        $this->priceUnit = '100.0';
        $this->refusals($this->line(), false);
        $this->refusals($this->line(), false);
        $this->erpNet = '12.345000';
        self::assertSame(['The price of A has risen to 12.345 EUR / 100. Please confirm it.'], $this->refusals($this->line(), true));
    }

    public function testAPriceShownForAHundredIsNotComparedWithOneForAPiece(): void
    {
        $this->priceUnit = '100';
        $changed = ['Something in your order has changed. Please check it and confirm.'];
        self::assertSame($changed, $this->refusals($this->line(), false), 'the page showed one for a piece');
        self::assertSame([], $this->refusals($this->line(), false), 'he has seen it now');
        $this->priceUnit = '1';
        self::assertSame($changed, $this->refusals($this->line(), true));
    }

    public function testNumbersAreWrittenInTheBuyersLanguageAndLoseNoDigit(): void
    {
        $written = static function (string $language): array {
            return array_map(static function (array $number) use ($language): string {
                return (new Texts($language))->decimal(...$number);
            }, [['12.340000', 2], ['12.00', 2], ['12.000', 0], ['0.0125', 2], ['1200', 2], ['1200', 0]]);
        };
        self::assertSame(['12.34', '12.00', '12', '0.0125', '1200', '1200'], $written('en'));
        self::assertSame(['12,34', '12,00', '12', '0,0125', '1200', '1200'], $written('fr'));
    }

    public function testTheOrderCarriesTheAgreedPriceForItsCustomerAndLineAlone(): void
    {
        $this->erpNet = '9.00';
        $this->refusals($this->line(), false);
        $request = $this->world->request('order');
        $cart = ['id_cart' => 5, 'quantity' => 2];
        self::assertSame(9.0, World::calculate($request, $cart)['price']);
        self::assertSame(7.0, World::calculate($request, ['id_customer' => 2] + $cart)['price']);
        self::assertSame(10.0, World::calculate($request, ['quantity' => 3] + $cart)['price']);
        $this->world->now += Agreements::BUYER_SECONDS;
        self::assertSame(10.0, World::calculate($this->world->request('order'), $cart)['price']);
    }

    public function testAPaymentToldLaterFindsTheAgreedPriceWithADeadGateway(): void
    {
        $this->refusals($this->line('10.00'), false);
        $this->world->now += 7200;
        $this->world->transport->reply = [0, ''];
        $now = $this->world->now;
        $late = new Agreements($this->world->memory, function () use ($now): int {
            return $now;
        }, Agreements::SECONDS);
        self::assertSame('10.00', $late->price('C1', 5, 'A', '2')['net']);
    }

    public function testAnAnswerThatVerifiedNothingTakesNoAgreedPriceAway(): void
    {
        $this->refusals($this->line(), false);
        $this->world->now += 61;
        $validate = $this->world->transport->cart;
        $this->world->transport->cart = function (array $input) use ($validate): array {
            $answer = $validate($input);
            $answer['lines'][0]['net'] = $answer['lines'][0]['priceUnit'] = null;

            return ['verdict' => 'UNVERIFIED', 'reasons' => [['messageKey' => 'cart.lines_unverified']], 'quote' => null] + $answer;
        };
        self::assertStringContainsString('could not be checked', $this->refusals($this->line(), false)[0]);
        self::assertStringContainsString('could not be checked', $this->refusals($this->line(), true)[0]);
        self::assertSame('10.00', $this->world->agreements->price('C1', 5, 'A', '2')['net'] ?? null, 'for the notice of a payment under way');
    }

    public function testWhoComesStraightToThePaymentIsSentToTheOrderPage(): void
    {
        self::assertCount(1, $this->refusals($this->line(), true));
        self::assertSame([], $this->asked);
        $this->refusals($this->line(), false);
        self::assertCount(1, $this->refusals($this->line('10.00', '3'), true), 'the cart changed since');
    }

    public function testALineWithoutAPriceIsRefusedByNameAndNothingIsAsked(): void
    {
        $refusals = $this->refusals($this->line(null), false);
        self::assertSame(['Valve: price on request. It cannot be ordered online at present.'], $refusals);
        self::assertSame([], $this->asked);
    }

    public function testAGatewayThatCannotValidateRefusesTheOrder(): void
    {
        $this->refusals($this->line(), false);
        $this->world->transport->reply = [0, ''];
        self::assertStringContainsString('could not be checked', $this->refusals($this->line(), true)[0]);
        $this->world->transport->reply = [200, '{"data":{"validateCart":null},"errors":[]}'];
        self::assertStringContainsString('could not be checked', $this->refusals($this->line(), true)[0]);
    }
}
