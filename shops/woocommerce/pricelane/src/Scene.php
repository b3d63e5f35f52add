<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * Where we are: prices are filtered for buyers alone. In the back office, in wc/v3, cron, exports and WP-CLI a filtered price
 * would be saved, or exported, as if it were the shop's own.
 */
final class Scene
{
    // Both stay as they became: one request may carry others within, as batches do, and a veto must not depend on which came last.
    private bool $isStoreApi = false;
    private bool $isStoreApiOrder = false;
    private bool $isOrdering = false;

    public function register(): void
    {
        add_filter('rest_pre_dispatch', [$this, 'noteRoute'], 1, 3);
        add_action('woocommerce_before_checkout_process', function (): void {
            $this->isOrdering = true;
        });
    }

    /**
     * @param mixed $result
     * @param mixed $server
     * @param \WP_REST_Request $request
     * @return mixed
     */
    public function noteRoute($result, $server, $request)
    {
        $route = (string) $request->get_route();
        $isCheckout = preg_match('#^/wc/store(/v\d+)?/checkout(/\d+)?/?$#D', $route) === 1;
        $isOrder = $isCheckout && strtoupper((string) $request->get_method()) === 'POST';
        $this->isStoreApi = $this->isStoreApi || strpos($route, '/wc/store') === 0;
        $this->isStoreApiOrder = $this->isStoreApiOrder || $isOrder;
        $this->isOrdering = $this->isOrdering || $isCheckout;
        return $result;
    }

    public function isShopFront(): bool
    {
        return (bool) apply_filters('pricelane_applies', $this->judge());
    }

    /** Whether an order is being placed over the Store API, as by the checkout block; each look at the cart comes by there, too. */
    public function isStoreApiOrder(): bool
    {
        return $this->isStoreApiOrder;
    }

    /** Whether the request is the checkout's own: what is computed for it is not yet what the buyer has seen. */
    public function isOrdering(): bool
    {
        return $this->isOrdering;
    }

    private function judge(): bool
    {
        if (wp_doing_cron() || (defined('WP_CLI') && constant('WP_CLI'))) {
            return false;
        }
        if (defined('REST_REQUEST') && constant('REST_REQUEST')) {
            return $this->isStoreApi;
        }
        return !is_admin();
    }
}
