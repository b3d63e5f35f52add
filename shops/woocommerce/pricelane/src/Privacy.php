<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Keeps pages with a customer's prices out of every cache on their way. */
final class Privacy
{
    private Catalogue $catalogue;
    private Scene $scene;

    public function __construct(Catalogue $catalogue, Scene $scene)
    {
        $this->catalogue = $catalogue;
        $this->scene = $scene;
    }

    public function register(): void
    {
        add_action('init', [$this, 'tellCachePlugins'], 1);
        add_filter('wp_headers', [$this, 'headers'], 999, 1);
        add_action('template_redirect', [$this, 'sendHeaders'], -1);
        add_filter('rest_post_dispatch', [$this, 'restHeaders'], 999, 1);
    }

    public function tellCachePlugins(): void
    {
        if (!$this->isPrivate()) {
            return;
        }
        defined('DONOTCACHEPAGE') || define('DONOTCACHEPAGE', true);
        do_action('litespeed_control_set_nocache', 'prices of one customer');
    }

    /**
     * @param mixed $headers
     * @return mixed
     */
    public function headers($headers)
    {
        return is_array($headers) && $this->isPrivate() ? array_merge($headers, ['Cache-Control' => 'private, no-store']) : $headers;
    }

    /** After whatever else set the header for the page or for wc-ajax. */
    public function sendHeaders(): void
    {
        if ($this->isPrivate() && !headers_sent()) {
            header('Cache-Control: private, no-store');
        }
    }

    /**
     * @param mixed $response
     * @return mixed
     */
    public function restHeaders($response)
    {
        if ($response instanceof \WP_REST_Response && $this->isPrivate()) {
            $response->header('Cache-Control', 'private, no-store');
        }
        return $response;
    }

    private function isPrivate(): bool
    {
        return $this->catalogue->isPriced() && $this->scene->isShopFront();
    }
}
