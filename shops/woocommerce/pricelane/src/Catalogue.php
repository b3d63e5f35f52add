<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** What a product of the shop is called in the ERP, and what it costs whoever looks. */
final class Catalogue
{
    private Settings $settings;
    private Buyer $buyer;
    private Scene $scene;
    private Book $book;
    private Shelf $shelf;
    /** @var \WeakMap<\WC_Product, string> how many of a product its cart line holds */
    private \WeakMap $quantities;
    /** @var \WeakMap<\WC_Product, true> */
    private \WeakMap $saving;
    /** @var array<string, ?string> by customer and variable product: a page asks dozens of times, and each answer reads every variation */
    private array $lowest = [];

    public function __construct(Settings $settings, Buyer $buyer, Scene $scene, Book $book, Shelf $shelf)
    {
        [$this->settings, $this->buyer, $this->scene, $this->book, $this->shelf] = [$settings, $buyer, $scene, $book, $shelf];
        $this->quantities = new \WeakMap();
        $this->saving = new \WeakMap();
    }

    public function register(): void
    {
        $this->shelf->register();
        add_action('woocommerce_before_product_object_save', fn ($product) => $this->saving[$product] = true);
        add_action('woocommerce_after_product_object_save', function ($product): void {
            unset($this->saving[$product]);
        });
    }

    /** The product's SKU, unless the filter `pricelane_sku` knows better; "" where the ERP cannot know it. */
    public static function skuOf(\WC_Product $product): string
    {
        $sku = apply_filters('pricelane_sku', (string) $product->get_sku(), $product);
        return is_string($sku) ? trim($sku) : '';
    }

    /** Whether a customer's own prices hold for whoever looks, so that the shop's price must not be seen. */
    public function isPriced(): bool
    {
        return $this->buyer->code() !== null;
    }

    /** Whether the gateway is asked for whoever looks. */
    public function isAsked(): bool
    {
        return $this->isPriced() || $this->settings->includesGuests();
    }

    /** Whether this product's values are ours to tell, here and now. A variable product's is the lowest of its variations'. */
    public function covers(\WC_Product $product): bool
    {
        return $this->isAsked() && $this->scene->isShopFront() && !isset($this->saving[$product])
            && !$product->is_type('grouped') && !$product->is_type('external');
    }

    public function noteQuantity(\WC_Product $product, string $quantity): void
    {
        $this->quantities[$product] = $quantity;
    }

    /** Such as the lines of a cart, before the first of their prices is asked. */
    public function want(\WC_Product $product, string $quantity): void
    {
        $sku = self::skuOf($product);
        if ($sku !== '' && $this->buyer->code() !== '') {
            $this->book->want($this->buyer->code(), $sku, $quantity);
        }
    }

    public function price(\WC_Product $product): ?Price
    {
        return $this->lookUp($product, fn (?string $code, string $sku, string $quantity) => $this->book->price($code, $sku, $quantity));
    }

    public function stock(\WC_Product $product): ?Stock
    {
        return $this->lookUp($product, fn (?string $code, string $sku, string $quantity) => $this->book->stock($code, $sku, $quantity));
    }

    /**
     * What there is of all variations together, for a variable product whose variations the shop counts in one.
     * @param array<int, string> $known of some variations, by id
     * @return int|null whole units; a variation of which nothing is told counts as none. Null where nothing is told of any
     */
    public function stockTogether(\WC_Product $parent, array $known = []): ?int
    {
        $total = null;
        foreach ($parent->get_children() as $id) {
            $variation = isset($known[$id]) ? null : wc_get_product($id);
            $available = $known[$id] ?? ($variation instanceof \WC_Product ? $this->stock($variation)?->available : null);
            $total = $available === null ? $total : (int) $available + (int) $total;
        }
        return $total;
    }

    /** @return string|null per unit, with or without tax as the shop keeps its prices; null where none can be had */
    public function amount(\WC_Product $product): ?string
    {
        if ($product->is_type('variable')) {
            $key = "{$product->get_id()} {$this->buyer->code()}";
            if (!array_key_exists($key, $this->lowest)) {
                $this->lowest[$key] = $this->lowest($product);
            }
            return $this->lowest[$key];
        }
        $price = $this->price($product);
        return $price === null ? null : $price->perUnit(wc_prices_include_tax());
    }

    /**
     * What the shop stored at a variable product is its public prices' lowest; a list over the Store API would tell it.
     * @return string|null null where no variation's can be had
     */
    private function lowest(\WC_Product $product): ?string
    {
        $lowest = null;
        foreach ($product->get_children() as $id) {
            $variation = wc_get_product($id);
            $amount = $variation instanceof \WC_Product ? $this->amount($variation) : null;
            if ($amount !== null && ($lowest === null || Decimal::compare($amount, $lowest) < 0)) {
                $lowest = $amount;
            }
        }
        return $lowest;
    }

    /** All that whoever looks is shown must be read anew. */
    public function forget(): void
    {
        $this->lowest = [];
        $this->book->forget();
    }

    /**
     * @template T
     * @param callable(?string, string, string): ?T $read
     * @return T|null
     */
    private function lookUp(\WC_Product $product, callable $read)
    {
        $code = $this->buyer->code();
        $sku = self::skuOf($product);
        if ($sku === '' || $code === '') {
            return null;
        }
        $quantity = $this->quantities[$product] ?? '1';
        // One call brings what the whole page will want.
        foreach ($this->book->knows($code, $sku, $quantity) ? [] : $this->shelf->skus() as $neighbour) {
            $this->book->want($code, $neighbour);
        }
        return $read($code, $sku, $quantity);
    }
}
