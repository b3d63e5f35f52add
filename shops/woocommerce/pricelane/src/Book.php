<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * What the gateway said during this request, by customer, SKU and quantity; gone with the request. What is wanted is gathered, and asked
 * in one call when the first of it is read.
 */
final class Book
{
    /** Most SKUs and quantities of one call; the gateway's own bounds are 200 and 30. */
    private const SKUS_A_CALL = 200;
    private const QUANTITIES_A_CALL = 25;

    private Gateway $gateway;
    /** @var callable(): string */
    private $currency;
    /** @var array<string, array<string, array{sku: string, quantity: string}>> by customer */
    private array $wanted = [];
    /** @var array<string, array<string, array{price: ?Price, stock: ?Stock}>> by customer, then SKU and quantity */
    private array $known = [];
    private int $calls = 0;
    private string $failure = '';

    /** @param callable(): string $currency asked when prices are: other plugins may choose it by the visitor */
    public function __construct(Gateway $gateway, callable $currency)
    {
        $this->gateway = $gateway;
        $this->currency = $currency;
    }

    public function want(?string $customer, string $sku, string $quantity = '1'): void
    {
        if (!$this->knows($customer, $sku, $quantity)) {
            $this->wanted[self::caller($customer)][self::key($sku, $quantity)] = ['sku' => $sku, 'quantity' => $quantity];
        }
    }

    public function knows(?string $customer, string $sku, string $quantity = '1'): bool
    {
        return isset($this->known[self::caller($customer)][self::key($sku, $quantity)]);
    }

    public function price(?string $customer, string $sku, string $quantity = '1'): ?Price
    {
        return $this->entry($customer, $sku, $quantity)['price'];
    }

    public function stock(?string $customer, string $sku, string $quantity = '1'): ?Stock
    {
        return $this->entry($customer, $sku, $quantity)['stock'];
    }

    /** Asks anew what is read next: the ERP said something else meanwhile. */
    public function forget(): void
    {
        $this->known = [];
    }

    public function calls(): int
    {
        return $this->calls;
    }

    /** Why the last call brought nothing, for the log; empty where none failed. */
    public function failure(): string
    {
        return $this->failure;
    }

    /** @return array{price: ?Price, stock: ?Stock} */
    private function entry(?string $customer, string $sku, string $quantity): array
    {
        $caller = self::caller($customer);
        $key = self::key($sku, $quantity);
        if (!isset($this->known[$caller][$key])) {
            $this->want($customer, $sku, $quantity);
            $this->flush($customer);
        }
        return $this->known[$caller][$key];
    }

    private function flush(?string $customer): void
    {
        $caller = self::caller($customer);
        $wanted = $this->wanted[$caller] ?? [];
        $this->wanted[$caller] = [];
        foreach (self::toCalls($wanted) as $lines) {
            // What is not learnt is absent until the request ends: a page does not wait twice for one answer.
            foreach ($lines as $key => $_) {
                $this->known[$caller][$key] = ['price' => null, 'stock' => null];
            }
            $this->ask($customer, $lines);
        }
    }

    /** @param array<string, array{sku: string, quantity: string}> $lines */
    private function ask(?string $customer, array $lines): void
    {
        $groups = [];
        foreach ($lines as $line) {
            $groups[$line['quantity']][] = $line['sku'];
        }
        $this->calls++;
        try {
            [$query, $variables] = $this->question($groups);
            $data = $this->gateway->ask($query, $variables, $customer, 'storefront')['data'];
        } catch (GatewayFailed $failure) {
            $this->failure = $failure->getMessage();
            return;
        }
        foreach (array_keys($groups) as $at => $quantity) {
            $this->learn($customer, (string) $quantity, $data["g$at"] ?? null);
        }
    }

    /**
     * @param array<string, list<string>> $groups SKUs by quantity
     * @return array{string, array<string, mixed>}
     */
    private function question(array $groups): array
    {
        $variables = ['c' => ($this->currency)()];
        $declared = '$c: Currency';
        $fields = '';
        foreach (array_keys($groups) as $at => $quantity) {
            $variables["s$at"] = array_map('strval', $groups[$quantity]);
            $variables["q$at"] = (string) $quantity;
            $declared .= ", \$s$at: [ID!]!, \$q$at: Decimal!";
            $fields .= " g$at: products(skus: \$s$at) { sku price(quantity: \$q$at, currency: \$c) { ...P } stock { status available } }";
        }
        $fragment = 'fragment P on Price { audience priceUnit net { amount currency } gross { amount } }';
        return ["query ($declared) {{$fields} } $fragment", $variables];
    }

    /** @param mixed $rows products, matched by the SKU that each names and never by place */
    private function learn(?string $customer, string $quantity, $rows): void
    {
        foreach (is_array($rows) ? $rows : [] as $row) {
            $sku = is_array($row) ? $row['sku'] ?? null : null;
            if (!is_string($sku) || !isset($this->known[self::caller($customer)][self::key($sku, $quantity)])) {
                continue;
            }
            $this->known[self::caller($customer)][self::key($sku, $quantity)] = [
                'price' => Price::parse($row['price'] ?? null, $customer !== null, ($this->currency)()),
                'stock' => Stock::parse($row['stock'] ?? null),
            ];
        }
    }

    /**
     * @param array<string, array{sku: string, quantity: string}> $wanted
     * @return list<array<string, array{sku: string, quantity: string}>> as many as it takes, mostly one
     */
    private static function toCalls(array $wanted): array
    {
        $calls = [];
        $quantities = [];
        $call = [];
        foreach ($wanted as $key => $line) {
            $quantities[$line['quantity']] = true;
            if (count($call) === self::SKUS_A_CALL || count($quantities) > self::QUANTITIES_A_CALL) {
                $calls[] = $call;
                $call = [];
                $quantities = [$line['quantity'] => true];
            }
            $call[$key] = $line;
        }
        return $call === [] ? $calls : array_merge($calls, [$call]);
    }

    private static function caller(?string $customer): string
    {
        return $customer === null ? 'public' : "customer $customer";
    }

    private static function key(string $sku, string $quantity): string
    {
        // A quantity has no blank, so no two keys meet.
        return "$quantity $sku";
    }
}
