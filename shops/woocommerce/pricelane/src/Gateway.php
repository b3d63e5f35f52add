<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** A GraphQL client for one gateway. It holds no answer and no customer: each call is signed for the one it is given. */
final class Gateway
{
    /** @var callable(string, ?string, int): string */
    private $post;
    private TokenSigner $signer;
    private Breaker $breaker;
    private int $timeoutMs;

    /** @param callable(string, ?string, int): string $post body, token, time-out in ms; as HttpTransport::post */
    public function __construct(callable $post, TokenSigner $signer, Breaker $breaker, int $timeoutMs)
    {
        $this->post = $post;
        $this->signer = $signer;
        $this->breaker = $breaker;
        $this->timeoutMs = $timeoutMs;
    }

    /**
     * @param string|null $customer null asks as the shop itself, at public prices
     * @param array<string, mixed> $variables
     * @return array{data: array<string, mixed>, errors: list<array<string, mixed>>} at least one field of data is there
     * @throws GatewayFailed where no field could be answered
     */
    public function ask(string $query, array $variables, ?string $customer, string $scope): array
    {
        if (!$this->breaker->admits()) {
            throw new GatewayFailed('not asked: the gateway did not answer lately, and is left alone for some seconds');
        }
        try {
            $answer = $this->read($query, $variables, $customer, $scope);
        } catch (GatewayFailed $failure) {
            $this->breaker->failed();
            throw $failure;
        }
        $this->breaker->succeeded();
        if (!is_array($answer['data'] ?? null)) {
            throw new GatewayFailed('the gateway refused: ' . self::refusal($answer['errors'] ?? null));
        }
        return ['data' => $answer['data'], 'errors' => array_values((array) ($answer['errors'] ?? []))];
    }

    /**
     * @param array<string, mixed> $variables
     * @return array<string, mixed>
     */
    private function read(string $query, array $variables, ?string $customer, string $scope): array
    {
        // Without the cast none at all would be written as a list.
        $body = json_encode(['query' => $query, 'variables' => (object) $variables], JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES);
        $token = $this->signer->sign($customer, $scope)['token'];
        $answer = json_decode(($this->post)((string) $body, $token, $this->timeoutMs), true, 64);
        if (!is_array($answer) || (!isset($answer['data']) && !isset($answer['errors']))) {
            throw new GatewayFailed('what answered is no GraphQL server: check the address, it ends in /graphql');
        }
        return $answer;
    }

    /** @param mixed $errors */
    private static function refusal($errors): string
    {
        $first = is_array($errors) && is_array($errors[0] ?? null) ? $errors[0] : [];
        $code = is_array($first['extensions'] ?? null) ? (string) ($first['extensions']['code'] ?? '') : '';
        return trim("$code " . (is_string($first['message'] ?? null) ? $first['message'] : ''));
    }
}
