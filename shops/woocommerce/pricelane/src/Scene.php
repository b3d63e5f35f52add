<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * Where we are: prices are filtered for buyers alone. In the back office, in wc/v3, cron, exports and WP-CLI a filtered price
 * would be saved, or exported, as if it were the shop's own.
 */
final class Scene
{
    private ?string $route = null;
    private string $method = '';

    public function register(): void
    {
        add_filter('rest_pre_dispatch', [$this, 'noteRoute'], 1, 3);
    }

    /**
     * @param mixed $result
     * @param mixed $server
     * @param \WP_REST_Request $request
     * @return mixed
     */
    public function noteRoute($result, $server, $request)
    {
        $this->route = (string) $request->get_route();
        $this->method = strtoupper((string) $request->get_method());
        return $result;
    }

    public function isShopFront(): bool
    {
        return (bool) apply_filters('pricelane_applies', $this->judge());
    }

    /** Whether an order is being placed over the Store API, as by the checkout block; each look at the cart comes by there, too. */
    public function isStoreApiOrder(): bool
    {
        return $this->method === 'POST' && $this->route !== null
            && preg_match('#^/wc/store(/v\d+)?/checkout(/\d+)?/?$#D', $this->route) === 1;
    }

    private function judge(): bool
    {
        if (wp_doing_cron() || (defined('WP_CLI') && constant('WP_CLI'))) {
            return false;
        }
        if (defined('REST_REQUEST') && constant('REST_REQUEST')) {
            return strpos($this->route ?? (string) ($GLOBALS['wp']->query_vars['rest_route'] ?? ''), '/wc/store') === 0;
        }
        return !is_admin();
    }
}
