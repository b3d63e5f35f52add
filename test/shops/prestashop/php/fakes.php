<?php
/** Hand-written stand-ins for the shop, its clock, its memory and the network. */
use Pricelane\PrestaShop\Memory;
use Pricelane\PrestaShop\Shop;
use Pricelane\PrestaShop\Transport;

require_once __DIR__ . '/../../../../shops/prestashop/pricelane/autoload.php';

final class FakeMemory implements Memory
{
    public $kept = [];
    public $writes = 0;

    public function get(string $name, int $now)
    {
        return isset($this->kept[$name]) && $this->kept[$name][1] > $now ? $this->kept[$name][0] : null;
    }

    public function put(string $name, array $value, int $expires): void
    {
        $this->writes++;
        $this->kept[$name] = [json_decode(json_encode($value), true), $expires];
    }

    public function forget(string $name): void
    {
        unset($this->kept[$name]);
    }
}

/** Answers as the gateway would, from a table of prices by customer and SKU. */
final class FakeTransport implements Transport
{
    public $calls = [];
    public $prices = [];
    public $stock = [];
    public $cart = null;
    public $reply = null;
    public $audience = null;

    public function post(string $url, array $headers, string $body, int $timeoutMs): array
    {
        $call = json_decode($body, true) + self::claims($headers) + ['timeoutMs' => $timeoutMs, 'body' => $body];
        $this->calls[] = $call;
        if ($this->reply !== null) {
            return $this->reply;
        }
        $variables = $call['variables'];
        if (isset($variables['input'])) {
            return [200, json_encode(['data' => ['validateCart' => ($this->cart)($variables['input'])]])];
        }
        $data = [];
        for ($i = 0; isset($variables['s' . $i]); $i++) {
            foreach ($variables['s' . $i] as $sku) {
                $data['p' . $i][] = $this->product($call['customer'], $sku, $variables['q' . $i]);
            }
        }

        return [200, json_encode(['data' => $data])];
    }

    public function skus(int $call): array
    {
        $skus = [];
        foreach ($this->calls[$call]['variables'] as $name => $value) {
            $skus = $name[0] === 's' ? array_merge($skus, $value) : $skus;
        }
        sort($skus);

        return $skus;
    }

    private function product($customer, string $sku, string $quantity)
    {
        $net = $this->prices[$customer . '|' . $sku . '|' . $quantity] ?? $this->prices[$customer . '|' . $sku] ?? null;
        $own = $customer === null ? 'PUBLIC' : 'CUSTOMER';

        return $net === null ? null : [
            'price' => ['audience' => $this->audience ?? $own, 'net' => ['amount' => $net, 'currency' => 'EUR'],
                'priceUnit' => '1', 'tiers' => []],
            'stock' => ['available' => $this->stock[$sku] ?? null],
        ];
    }

    private static function claims(array $headers): array
    {
        foreach ($headers as $line) {
            if (strpos($line, 'authorization: Bearer ') === 0) {
                $claims = json_decode(base64_decode(strtr(explode('.', $line)[1], '-_', '+/')), true);

                return ['customer' => $claims['sub'], 'scope' => $claims['scope']];
            }
        }

        return ['customer' => null, 'scope' => null];
    }
}

/** Product 1 is SKU A, 2 is B and so on; combination 9 of a product is its SKU with "-9". Tax 20 %, eco-tax 0.50 with 10 %. */
final class FakeShop implements Shop
{
    public $codes = [];
    public $loggedIn = 0;
    public $neighbours = [];
    public $cart = [];
    public $ecotax = 0.0;
    public $rates = ['EUR' => 1.0, 'USD' => 1.25];
    public $referenceReads = 0;

    public function references(array $variants): array
    {
        $this->referenceReads++;
        $skus = [];
        foreach ($variants as $variant) {
            list($product, $combination) = explode('-', $variant);
            if ($product < 26) {
                $skus[$variant] = chr(64 + (int) $product) . ($combination === '0' ? '' : '-' . $combination);
            }
        }

        return $skus;
    }

    public function neighbours(int $product): array
    {
        return $this->neighbours;
    }

    public function cartLines(): array
    {
        return $this->cart;
    }

    public function convert(float $amount, string $fromIso, int $toCurrency)
    {
        $to = $toCurrency === 2 ? 'USD' : 'EUR';

        return isset($this->rates[$fromIso]) ? $amount / $this->rates[$fromIso] * $this->rates[$to] : null;
    }

    public function addTaxes(float $net, int $product, $address): float
    {
        return $net * 1.2;
    }

    public function ecotax(int $product, int $combination, int $currency): float
    {
        return $this->ecotax;
    }

    public function addEcotaxTaxes(float $net, $address): float
    {
        return $net * 1.1;
    }

    public function customerCode(int $customer)
    {
        return $this->codes[$customer] ?? null;
    }

    public function loggedInCustomer(): int
    {
        return $this->loggedIn;
    }
}
