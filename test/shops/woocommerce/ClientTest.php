<?php

declare(strict_types=1);

use Pricelane\WooCommerce\Breaker;
use Pricelane\WooCommerce\Decimal;
use Pricelane\WooCommerce\Gateway;
use Pricelane\WooCommerce\GatewayFailed;
use Pricelane\WooCommerce\Settings;
use Pricelane\WooCommerce\SettingsPage;
use Pricelane\WooCommerce\TokenSigner;

final class ClientTest extends PluginCase
{
    private int $now = 1_000_000;
    private int $calls = 0;
    private bool $works = false;

    private function client(): Gateway
    {
        $post = function (): string {
            $this->calls++;
            return $this->works ? '{"data":{"viewer":{"audience":"PUBLIC"}}}' : throw new GatewayFailed('down');
        };
        $clock = fn (): int => $this->now;
        return new Gateway($post, new TokenSigner('k', str_repeat('s', 32), 'pricelane', 'shop', $clock), new Breaker('page', $clock), 500);
    }

    /** Whether it answered; each client is another PHP process of the same shop. */
    private function asks(): bool
    {
        try {
            $this->client()->ask('{ viewer { audience } }', [], null, 'storefront');
            return true;
        } catch (GatewayFailed $failure) {
            return false;
        }
    }

    public function testADeadGatewayCostsThreePagesTheirTimeAndOneEveryTenSecondsAfterThat(): void
    {
        foreach (range(1, 20) as $_) {
            self::assertFalse($this->asks());
        }
        self::assertSame(3, $this->calls);
        foreach ([9 => 3, 1 => 4, 5 => 4, 6 => 5] as $seconds => $calls) {
            $this->now += $seconds;
            $this->asks();
            self::assertSame($calls, $this->calls);
        }
        $this->now += 10;
        $this->works = true;
        self::assertTrue($this->asks());
        self::assertTrue($this->asks());
        self::assertArrayNotHasKey('pricelane_breaker_page', Shop::$transients);
    }

    public function testWhileOneRequestTriesTheOthersStayOut(): void
    {
        $clock = fn (): int => $this->now;
        Shop::$transients['pricelane_breaker_page'] = ['failures' => 3, 'until' => $this->now];
        self::assertTrue((new Breaker('page', $clock))->admits());
        self::assertFalse((new Breaker('page', $clock))->admits());
    }

    public function testATokenIsSignedByTheBytesOfItsHash(): void
    {
        $signed = (new TokenSigner('shop-1', str_repeat('s', 32), 'pricelane', 'shop', fn () => $this->now))->sign('C1', 'storefront');
        [$header, $claims, $signature] = explode('.', $signed['token']);
        self::assertSame(hash_hmac('sha256', "$header.$claims", str_repeat('s', 32), true), base64_decode(strtr($signature, '-_', '+/')));
        self::assertSame($this->now + 300, Shop::claims($signed['token'])['exp']);
        self::assertSame('C1', Shop::claims($signed['token'])['sub']);
    }

    /** @dataProvider divisions */
    public function testDivisionIsExactAndHalfUp(string $amount, string $by, string $result): void
    {
        self::assertSame($result, Decimal::divide($amount, $by));
    }

    /** @return list<array{string, string, string}> */
    public static function divisions(): array
    {
        return [['12.345678', '1', '12.345678'], ['10', '3', '3.333333'], ['20', '3', '6.666667'], ['0.000005', '10', '0.000001'], ['1', '0.5', '2'],
            ['999999999999999.999999', '1000', '1000000000000'], ['0', '7', '0'], ['0.1', '100', '0.001']];
    }

    public function testQuantitiesAreDecimalsAboveZeroOrNone(): void
    {
        self::assertSame(['2', '2.5', '0.1', '12'], array_map([Decimal::class, 'fromQuantity'], [2, '2.50', 0.1, '12']));
        self::assertSame([null, null, null], array_map([Decimal::class, 'fromQuantity'], [0, '-1', '1e3']));
    }

    public function testTheBrowserGetsATokenForWhoIsLoggedInAndNobodyElse(): void
    {
        foreach ([1, 0, 3] as $user) {
            Shop::$user = $user;
            do_action('wc_ajax_pricelane_token');
        }
        [[, $own], [, $guest], [, $other]] = Shop::$json;
        self::assertSame(['C1', 'storefront'], [$own['sub'], Shop::claims($own['token'])['scope']]);
        self::assertSame([['token' => null], ['token' => null]], [$guest, $other]);
    }

    public function testOnlyWhoMayEditUsersChangesACustomerCode(): void
    {
        $_POST = ['pricelane_code' => 'C9', 'pricelane_nonce' => 'nonce of pricelane_user'];
        do_action('personal_options_update', 2);
        self::assertSame('C2', Shop::$meta[2]['pricelane_customer_code']);
        Shop::$can = ['edit_users'];
        do_action('personal_options_update', 2);
        self::assertSame('C9', Shop::$meta[2]['pricelane_customer_code']);
        $_POST = ['pricelane_code' => 'C1', 'pricelane_nonce' => 'another'];
        do_action('edit_user_profile_update', 2);
        self::assertSame('C9', Shop::$meta[2]['pricelane_customer_code']);
    }

    public function testSettingsKeepTheSecretThatIsThereAndRefuseAShortOne(): void
    {
        $page = new SettingsPage(Settings::read());
        $kept = str_repeat('s', 32);
        self::assertSame($kept, $page->sanitize(['url' => 'https://x.example/graphql', 'secret' => ''])['secret']);
        self::assertSame([], Shop::$notices);
        self::assertSame($kept, $page->sanitize(['secret' => 'short'])['secret']);
        self::assertCount(1, Shop::$notices);
        self::assertSame(300, $page->sanitize(['timeout_ms' => '5'])['timeout_ms']);
        self::assertSame('http://127.0.0.1:4000/graphql', $page->sanitize(['url' => 'javascript:x'])['url']);
    }
}
