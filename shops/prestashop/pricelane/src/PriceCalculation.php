<?php
namespace Pricelane\PrestaShop;

/**
 * Puts the ERP's price in place of the shop's. The shop calls last of all, with everything that its own calculation was asked by;
 * from here on its numbers are floats, as everywhere in PrestaShop.
 */
final class PriceCalculation
{
    private $shop;
    private $book;
    private $page;
    private $agreements;
    private $asksForGuests;
    private $ecotaxIncluded;
    private $skus = [];
    private $onRequest = [];
    private $priced = [];
    private $isCartExpected = false;

    public function __construct(
        Shop $shop,
        Book $book,
        Page $page,
        Agreements $agreements,
        bool $asksForGuests,
        bool $ecotaxIncluded
    ) {
        $this->shop = $shop;
        $this->book = $book;
        $this->page = $page;
        $this->agreements = $agreements;
        $this->asksForGuests = $asksForGuests;
        $this->ecotaxIncluded = $ecotaxIncluded;
    }

    /** @param array $params of actionProductPriceCalculation; price, specific_price and specific_price_reduction by reference */
    public function apply(array $params): void
    {
        $code = $this->codeFor((int) ($params['id_customer'] ?? 0));
        if ($code === null && !$this->asksForGuests) {
            return;
        }
        $variant = (int) $params['id_product'] . '-' . (int) $params['id_product_attribute'];
        $quantity = (string) max(1, (int) ($params['quantity'] ?? 1));
        $net = $this->netOf($code, $variant, $quantity, $params);
        if ($net === null) {
            // A guest may see the shop's own price; who has prices of his own must never be charged the public one.
            if ($code !== null) {
                $this->onRequest[$variant] = true;
                $this->put($params, 0.0);
            }

            return;
        }
        $this->priced[$variant] = true;
        $this->put($params, $this->withTaxes($net, $params));
    }

    /** Whether this variant got the ERP's price in this request. */
    public function isPriced(string $variant): bool
    {
        return isset($this->priced[$variant]);
    }

    /** Whether this variant was asked for a customer of ours and no price is known. */
    public function isOnRequest(string $variant): bool
    {
        return isset($this->onRequest[$variant]);
    }

    /** @return string|null the reference in the shop, which is the ERP's SKU */
    public function sku(string $variant)
    {
        if (!array_key_exists($variant, $this->skus)) {
            $this->learn([$variant]);
        }

        return $this->skus[$variant];
    }

    /**
     * @param string|null $code the customer in the ERP
     * @param int $cart 0 where no cart is meant; else what it was validated at goes first
     * @return array|null as of Book
     */
    public function priceOf($code, int $cart, string $variant, string $quantity)
    {
        $sku = $this->sku($variant);
        if ($sku === null) {
            return null;
        }

        return $this->agreements->price($code, $cart, $sku, $quantity) ?? $this->book->price($code, $sku, $quantity);
    }

    /** @param string[] $variants whose references are read in one query, and whose prices are asked in one question */
    public function expect(array $variants): void
    {
        $this->learn($variants);
        foreach ($variants as $variant) {
            $this->book->expect((string) $this->skus[$variant]);
        }
    }

    private function learn(array $variants): void
    {
        $new = array_values(array_filter($variants, function (string $variant): bool {
            return !array_key_exists($variant, $this->skus);
        }));
        $found = $new === [] ? [] : $this->shop->references($new);
        foreach ($new as $variant) {
            $sku = $found[$variant] ?? '';
            $this->skus[$variant] = $sku === '' ? null : $sku;
        }
    }

    /** Asked without a customer, as some modules do, it is still the buyer's page. */
    private function codeFor(int $customer)
    {
        $customer = $customer > 0 ? $customer : $this->shop->loggedInCustomer();

        return $customer > 0 ? $this->shop->customerCode($customer) : null;
    }

    /** @return float|null for one unit, before tax, in the currency asked */
    private function netOf($code, string $variant, string $quantity, array $params)
    {
        $this->page->show($variant);
        $this->prefetch($code, $variant, $quantity, (int) $params['id_product']);
        $price = $this->priceOf($code, (int) ($params['id_cart'] ?? 0), $variant, $quantity);
        if ($price === null) {
            return null;
        }

        return $this->shop->convert(
            (float) $price['net'] / (float) $price['priceUnit'],
            $price['currency'],
            (int) $params['id_currency']
        );
    }

    private function prefetch($code, string $variant, string $quantity, int $product): void
    {
        $this->expect($this->page->takeRemembered());
        $this->expectCart();
        $sku = $this->sku($variant);
        if ($sku !== null && $quantity === '1' && !$this->book->knows($code, $sku, $quantity) && $this->page->isNew($variant)) {
            // Nothing told us that this one would come: on a page met for the first time its like will follow.
            $this->expect($this->shop->neighbours($product));
        }
    }

    /** The cart stands on every page. Each of its quantities is a price of its own: asked one by one, five would be one question too many. */
    private function expectCart(): void
    {
        if ($this->isCartExpected) {
            return;
        }
        $this->isCartExpected = true;
        $lines = $this->shop->cartLines();
        $this->learn(array_column($lines, 0));
        foreach ($lines as list($variant, $quantity)) {
            $this->book->expect((string) $this->skus[$variant], (string) $quantity);
        }
    }

    private function withTaxes(float $net, array $params): float
    {
        $product = (int) $params['id_product'];
        $address = $params['address'] ?? null;
        $useTax = (bool) $params['use_tax'];
        $ecotax = $this->shop->ecotax($product, (int) $params['id_product_attribute'], (int) $params['id_currency']);
        if ($this->ecotaxIncluded) {
            $net = max(0.0, $net - $ecotax);
        }
        $price = $useTax ? $this->shop->addTaxes($net, $product, $address) : $net;
        if (!$params['with_ecotax'] || $ecotax <= 0) {
            return $price;
        }

        return $price + ($useTax ? $this->shop->addEcotaxTaxes($ecotax, $address) : $ecotax);
    }

    /** The ERP's price has its reductions in it: no other is told, and none struck through. The shop itself rounds to `decimals`. */
    private function put(array $params, float $price): void
    {
        // The entries are references into the shop's calculation.
        $params['price'] = $price;
        $params['specific_price_reduction'] = 0;
        $params['specific_price'] = null;
    }
}
