<?php
use PHPUnit\Framework\TestCase;
use Pricelane\PrestaShop\GatewayError;
use Pricelane\PrestaShop\Token;

require_once __DIR__ . '/World.php';

final class BreakerTest extends TestCase
{
    private $world;

    protected function setUp(): void
    {
        $this->world = new World();
    }

    private function ask(): string
    {
        try {
            $this->world->gateway()->ask('{ viewer { audience } }', [], 'C1', 'storefront');
        } catch (GatewayError $error) {
            return $error->getMessage();
        }

        return '';
    }

    public function testAfterThreeFailuresNobodyAsksUntilOneTriesAndAnAnswerClosesIt(): void
    {
        $transport = $this->world->transport;
        $transport->reply = [503, ''];
        for ($n = 0; $n < 5; $n++) {
            self::assertNotSame('', $this->ask());
        }
        self::assertCount(3, $transport->calls);
        $this->world->now += 20;
        $this->ask();
        $this->ask();
        self::assertCount(4, $transport->calls);
        $this->world->now += 20;
        $transport->reply = [200, '{"data":{"viewer":{}}}'];
        self::assertSame('', $this->ask());
        self::assertSame('', $this->ask());
        self::assertCount(6, $transport->calls);
    }

    public function testARefusalIsNoFailureAndItsReasonIsTold(): void
    {
        $this->world->transport->reply = [401, '{"errors":[{"message":"Wrong kid."}]}'];
        for ($n = 0; $n < 4; $n++) {
            self::assertStringContainsString('Wrong kid.', $this->ask());
        }
        self::assertCount(4, $this->world->transport->calls);
    }

    public function testAQuestionWithoutVariablesHasAnEmptyObjectOfThemSinceTheGatewayRefusesAList(): void
    {
        $this->world->transport->reply = [200, '{"data":{"viewer":{}}}'];
        $this->world->gateway()->ask('{ viewer { audience } }', [], 'C1', 'storefront');
        self::assertStringContainsString('"variables":{}', $this->world->transport->calls[0]['body']);
    }

    public function testAHealthyGatewayCostsNoWrite(): void
    {
        $this->world->transport->reply = [200, '{"data":{"viewer":{}}}'];
        $this->ask();
        self::assertSame(0, $this->world->memory->writes);
    }

    public function testATokenIsSignedOverItsClaimsAndLastsFiveMinutes(): void
    {
        $secret = str_repeat('k', 32);
        $token = (new Token('shop-1', $secret, 'pricelane', 'my-shop'))->sign('007', 'checkout', 5000);
        list($header, $claims, $signature) = explode('.', $token);
        $expected = rtrim(strtr(base64_encode(hash_hmac('sha256', "$header.$claims", $secret, true)), '+/', '-_'), '=');
        self::assertSame($expected, $signature);
        $claims = json_decode(base64_decode(strtr($claims, '-_', '+/')), true);
        self::assertSame(['007', 'checkout', 5300], [$claims['sub'], $claims['scope'], $claims['exp']]);
    }
}
