<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** One POST by WordPress's own HTTP functions, so that proxies and filters of the shop hold. */
final class HttpTransport
{
    private string $url;
    private int $timeoutMs = 0;

    /** @param string $url the gateway's GraphQL endpoint */
    public function __construct(string $url)
    {
        $this->url = $url;
    }

    /**
     * @return string the body
     * @throws GatewayFailed for no answer in time, and for a status that brings no GraphQL answer
     */
    public function post(string $body, ?string $token, int $timeoutMs): string
    {
        $headers = ['Content-Type' => 'application/json', 'Accept' => 'application/json'];
        if ($token !== null) {
            $headers['Authorization'] = "Bearer $token";
        }
        $this->timeoutMs = $timeoutMs;
        add_action('http_api_curl', [$this, 'hurry'], 10, 3);
        try {
            $answer = wp_remote_post($this->url, [
                'timeout' => $timeoutMs / 1000,
                'redirection' => 0,
                'headers' => $headers,
                'body' => $body,
            ]);
        } finally {
            remove_action('http_api_curl', [$this, 'hurry'], 10);
        }
        if (is_wp_error($answer)) {
            throw new GatewayFailed("{$this->url} did not answer: " . $answer->get_error_message());
        }
        $status = (int) wp_remote_retrieve_response_code($answer);
        $text = (string) wp_remote_retrieve_body($answer);
        // A refusal (400, 401) speaks GraphQL too; what is in it names the mend.
        if ($status >= 500 || $status < 200 || ($status >= 300 && $status < 400) || $text === '') {
            throw new GatewayFailed("{$this->url} answered with status $status");
        }
        return $text;
    }

    /**
     * WordPress rounds a time-out below a second up to one, because of name resolving by signals; without signals there is no need to.
     * @param resource|\CurlHandle $handle
     * @param array<string, mixed> $arguments
     */
    public function hurry($handle, $arguments, string $url): void
    {
        if ($url !== $this->url) {
            return;
        }
        curl_setopt($handle, CURLOPT_NOSIGNAL, true);
        curl_setopt($handle, CURLOPT_CONNECTTIMEOUT_MS, $this->timeoutMs);
        curl_setopt($handle, CURLOPT_TIMEOUT_MS, $this->timeoutMs);
    }
}
