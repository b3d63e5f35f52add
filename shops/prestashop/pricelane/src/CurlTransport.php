<?php
namespace Pricelane\PrestaShop;

final class CurlTransport implements Transport
{
    const MAX_BYTES = 4194304;

    private $handle;

    public function post(string $url, array $headers, string $body, int $timeoutMs): array
    {
        // One handle a request, so that a page's second call needs no new connection.
        if ($this->handle === null) {
            $this->handle = curl_init();
        }
        $answer = '';
        curl_setopt_array($this->handle, [
            CURLOPT_URL => $url,
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_TIMEOUT_MS => $timeoutMs,
            CURLOPT_CONNECTTIMEOUT_MS => $timeoutMs,
            // Without it a time-out under a second ends at once where the resolver uses signals.
            CURLOPT_NOSIGNAL => true,
            // A redirect could carry the token to another host.
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_WRITEFUNCTION => static function ($handle, string $chunk) use (&$answer): int {
                $answer .= $chunk;

                return strlen($answer) > self::MAX_BYTES ? 0 : strlen($chunk);
            },
        ]);
        if (curl_exec($this->handle) === false) {
            return [0, ''];
        }

        return [(int) curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE), $answer];
    }
}
