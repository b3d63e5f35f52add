<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * `?wc-ajax=pricelane_token`: a token for the browser of whoever is logged in, by the cookie alone. Over REST a page from a cache, with its
 * stale nonce, would be nobody.
 */
final class TokenEndpoint
{
    private Buyer $buyer;
    private TokenSigner $signer;

    public function __construct(Buyer $buyer, TokenSigner $signer)
    {
        $this->buyer = $buyer;
        $this->signer = $signer;
    }

    public function register(): void
    {
        add_action('wc_ajax_pricelane_token', [$this, 'send']);
    }

    public function send(): void
    {
        nocache_headers();
        if (!headers_sent()) {
            header('Cache-Control: private, no-store');
            header('X-Content-Type-Options: nosniff');
        }
        $code = $this->buyer->code();
        if ($code === '') {
            wp_send_json(['error' => 'CUSTOMER_CODE_UNUSABLE'], 503);
            return;
        }
        wp_send_json($this->answer($code), 200);
    }

    /** @return array{token: ?string, sub?: string, expiresAt?: int} a null token for a guest */
    public function answer(?string $code): array
    {
        if ($code === null) {
            return ['token' => null];
        }
        $signed = $this->signer->sign($code, 'storefront');
        return ['token' => $signed['token'], 'sub' => $code, 'expiresAt' => $signed['expiresAt']];
    }
}
