<?php
namespace Pricelane\PrestaShop;

/** Signs who is asking, as the gateway's docs/identity.md lays down: HS256, five minutes. */
final class Token
{
    const SECONDS = 300;

    private $kid;
    private $secret;
    private $audience;
    private $issuer;

    public function __construct(string $kid, string $secret, string $audience, string $issuer)
    {
        $this->kid = $kid;
        $this->secret = $secret;
        $this->audience = $audience;
        $this->issuer = $issuer;
    }

    /**
     * @param string $customer the ERP's code, from the shop's own records and never from the browser
     * @param string $scope storefront or checkout
     * @param int $now in seconds since 1970
     */
    public function sign(string $customer, string $scope, int $now): string
    {
        $header = ['alg' => 'HS256', 'typ' => 'JWT', 'kid' => $this->kid];
        $claims = [
            'iss' => $this->issuer, 'aud' => $this->audience, 'sub' => $customer, 'scope' => $scope,
            'iat' => $now, 'exp' => $now + self::SECONDS, 'jti' => bin2hex(random_bytes(8)),
        ];
        $signed = self::base64url(json_encode($header)) . '.' . self::base64url(json_encode($claims));

        return $signed . '.' . self::base64url(hash_hmac('sha256', $signed, $this->secret, true));
    }

    private static function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
