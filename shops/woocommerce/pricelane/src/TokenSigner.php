<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Signs who is asking: HS256 by hash_hmac. The customer's code is the shop's own word, never the browser's. */
final class TokenSigner
{
    /** Seconds that a token is good for. */
    public const SECONDS = 300;

    private string $kid;
    private string $secret;
    private string $audience;
    private string $issuer;
    /** @var callable(): int */
    private $now;

    /** @param callable(): int $now seconds since 1970 */
    public function __construct(string $kid, string $secret, string $audience, string $issuer, callable $now)
    {
        $this->kid = $kid;
        $this->secret = $secret;
        $this->audience = $audience;
        $this->issuer = $issuer;
        $this->now = $now;
    }

    /**
     * @param string|null $customer the ERP's code; null for the shop itself, which sees public prices
     * @param string $scope such as "storefront" or "checkout"
     * @return array{token: string, expiresAt: int} seconds since 1970
     */
    public function sign(?string $customer, string $scope): array
    {
        $now = ($this->now)();
        $claims = [
            'iss' => $this->issuer,
            'aud' => $this->audience,
            'scope' => $scope,
            'iat' => $now,
            'exp' => $now + self::SECONDS,
            'jti' => bin2hex(random_bytes(8)),
        ];
        if ($customer !== null) {
            $claims['sub'] = $customer;
        }
        $signed = self::encode(['alg' => 'HS256', 'typ' => 'JWT', 'kid' => $this->kid]) . '.' . self::encode($claims);
        $signature = self::base64url(hash_hmac('sha256', $signed, $this->secret, true));
        return ['token' => "$signed.$signature", 'expiresAt' => $claims['exp']];
    }

    /** @param array<string, mixed> $part */
    private static function encode(array $part): string
    {
        return self::base64url(json_encode($part, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES));
    }

    private static function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
