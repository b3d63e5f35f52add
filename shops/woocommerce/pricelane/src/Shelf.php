<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * The products of this request that prices will be wanted for, so that one call brings all of them.
 * Products that WooCommerce reads are noted as they are read, lists of posts before that.
 */
final class Shelf
{
    /** @var array<int, true> product ids not yet resolved */
    private array $pending = [];
    /** @var array<int, string> SKU by product id; "" where the ERP cannot know it */
    private array $resolved = [];

    public function register(): void
    {
        add_action('woocommerce_product_read', [$this, 'put'], 10, 1);
        add_filter('the_posts', [$this, 'putPosts'], 10, 1);
        add_filter('woocommerce_shortcode_products_query_results', [$this, 'putResults'], 10, 1);
    }

    /** @param mixed $id */
    public function put($id): void
    {
        if (is_numeric($id) && !isset($this->resolved[(int) $id])) {
            $this->pending[(int) $id] = true;
        }
    }

    /**
     * @param mixed $posts
     * @return mixed
     */
    public function putPosts($posts)
    {
        foreach (is_array($posts) ? $posts : [] as $post) {
            if (is_object($post) && ($post->post_type ?? '') === 'product') {
                $this->put($post->ID);
            }
        }
        return $posts;
    }

    /**
     * @param mixed $results
     * @return mixed
     */
    public function putResults($results)
    {
        foreach (is_object($results) && is_array($results->ids ?? null) ? $results->ids : [] as $id) {
            $this->put($id);
        }
        return $results;
    }

    /** @return list<string> the SKUs of all products of this request so far, and of their variations */
    public function skus(): array
    {
        while ($this->pending !== []) {
            $id = (int) array_key_first($this->pending);
            unset($this->pending[$id]);
            // Reading it notes it once more, in vain: it counts as resolved.
            $this->resolved[$id] = '';
            $product = wc_get_product($id);
            if (!$product instanceof \WC_Product) {
                continue;
            }
            foreach ($product->is_type('variable') ? $product->get_children() : [] as $child) {
                $this->put($child);
            }
            $this->resolved[$id] = Catalogue::skuOf($product);
        }
        return array_values(array_filter($this->resolved, static fn (string $sku): bool => $sku !== ''));
    }
}
