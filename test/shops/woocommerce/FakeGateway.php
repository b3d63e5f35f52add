<?php

declare(strict_types=1);

/** Answers as the gateway would: each customer's price is told by its code and the quantity. */
final class FakeGateway
{
    public bool $isDown = false;
    /** @var array<string, string> net by "customer sku" or "customer sku quantity" */
    public array $net = [];
    /** What every product carries besides. */
    public array $price = [];
    public array $stock = ['status' => 'IN_STOCK', 'available' => '40'];
    /** @var callable(array, ?string): array the answer to validateCart, by its lines and the customer */
    public $validate;

    public function __construct()
    {
        $this->validate = fn (array $lines) => $this->verdict('ACCEPT', $lines);
    }

    public function verdict(string $verdict, array $lines, array $more = [], array $eachLine = []): array
    {
        $said = array_map(static fn ($line) => $eachLine + ['key' => $line['key'], 'net' => ['amount' => $line['shownNet'] ?? '99'],
            'priceUnit' => '1', 'available' => '40', 'reasons' => []], $lines);
        return $more + ['verdict' => $verdict, 'reasons' => [], 'lines' => $said, 'quote' => ['id' => 'q1', 'token' => 'signed']];
    }

    public function __invoke(string $url, array $arguments)
    {
        if ($this->isDown) {
            return new WP_Error('http', 'timed out');
        }
        $sent = Shop::$sent[count(Shop::$sent) - 1];
        $customer = $sent['claims']['sub'] ?? null;
        $data = isset($sent['variables']['input'])
            ? ['validateCart' => ($this->validate)($sent['variables']['input']['lines'], $customer)]
            : $this->groups($sent['variables'], $customer);
        return ['status' => 200, 'body' => json_encode(['data' => $data])];
    }

    private function groups(array $variables, ?string $customer): array
    {
        $data = [];
        for ($at = 0; isset($variables["s$at"]); $at++) {
            $data["g$at"] = array_map(fn ($sku) => $this->product($sku, $variables["q$at"], $customer), $variables["s$at"]);
        }
        return $data;
    }

    private function product(string $sku, string $quantity, ?string $customer): ?array
    {
        $net = $this->net["$customer $sku $quantity"] ?? $this->net["$customer $sku"] ?? null;
        if ($net === null) {
            return null;
        }
        $price = $this->price + ['audience' => $customer === null ? 'PUBLIC' : 'CUSTOMER', 'priceUnit' => '1',
            'net' => ['amount' => $net, 'currency' => 'EUR'], 'gross' => null];
        return ['sku' => $sku, 'price' => $price, 'stock' => $this->stock];
    }
}
