<?php
namespace Pricelane\PrestaShop;

interface Transport
{
    /**
     * @param string[] $headers whole lines
     * @param int $timeoutMs for the whole exchange
     * @return array{0: int, 1: string} HTTP status and body; status 0 where nothing came
     */
    public function post(string $url, array $headers, string $body, int $timeoutMs): array;
}
