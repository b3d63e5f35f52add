<?php
namespace Pricelane\PrestaShop;

/** GraphQL over one POST. */
final class Gateway
{
    private $url;
    private $token;
    private $transport;
    private $breaker;
    private $timeoutMs;
    private $clock;
    private $asked = 0;

    /**
     * @param string $url empty where the module is not set up: then every question fails
     * @param callable(): int $clock in seconds
     */
    public function __construct(
        string $url,
        Token $token,
        Transport $transport,
        Breaker $breaker,
        int $timeoutMs,
        callable $clock
    ) {
        $this->url = $url;
        $this->token = $token;
        $this->transport = $transport;
        $this->breaker = $breaker;
        $this->timeoutMs = $timeoutMs;
        $this->clock = $clock;
    }

    /**
     * @param string|null $customer the ERP's code; null asks as the public
     * @param int $patience how many times the page's time-out it may take: the order is worth a longer wait
     * @return array the answer's data, whose fields may be null
     * @throws GatewayError
     */
    public function ask(string $query, array $variables, $customer, string $scope, int $patience = 1): array
    {
        if ($this->url === '') {
            throw new GatewayError('The module is not set up: address, key and secret are needed.');
        }
        if (!$this->breaker->permits()) {
            throw new GatewayError('The gateway did not answer of late; it is asked again in a few seconds.');
        }
        $headers = ['content-type: application/json', 'accept: application/json'];
        if ($customer !== null) {
            $headers[] = 'authorization: Bearer ' . $this->token->sign($customer, $scope, ($this->clock)());
        }
        // An empty array of PHP would become a list, which the gateway refuses.
        $body = json_encode(['query' => $query, 'variables' => (object) $variables]);
        $this->asked++;
        list($status, $text) = $this->transport->post($this->url, $headers, $body, $this->timeoutMs * $patience);

        return $this->read($status, $text);
    }

    /** Questions sent in this request, of prices and of carts. */
    public function asked(): int
    {
        return $this->asked;
    }

    private function read(int $status, string $text): array
    {
        $answer = json_decode($text, true);
        if ($status === 0 || $status >= 500 || ($status === 200 && !is_array($answer))) {
            $this->breaker->failed();
            throw new GatewayError($status === 0
                ? 'The gateway did not answer in time: check its address, and that this server can reach it.'
                : 'The gateway answered HTTP ' . $status . ', and nothing of use: check its address and its log.');
        }
        $this->breaker->succeeded();
        if (!is_array($answer) || !isset($answer['data']) || !is_array($answer['data'])) {
            throw new GatewayError('The gateway refused (HTTP ' . $status . '): ' . self::firstError($answer));
        }

        return $answer['data'];
    }

    private static function firstError($answer): string
    {
        $message = is_array($answer) ? ($answer['errors'][0]['message'] ?? null) : null;

        return is_string($message) ? $message : 'it gave no reason; is this the address of /graphql?';
    }
}
