<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Wraps prices into the component, so that a page from a full-page cache shows each buyer his own in the browser. */
final class PriceTag
{
    private const SCRIPT = 'assets/pricelane.js';

    private string $gateway;
    private Scene $scene;

    public function __construct(string $gateway, Scene $scene)
    {
        $this->gateway = $gateway;
        $this->scene = $scene;
    }

    public function register(): void
    {
        add_filter('woocommerce_get_price_html', [$this, 'wrap'], 100, 2);
        add_action('wp_head', [$this, 'head']);
        add_action('wp_enqueue_scripts', [$this, 'enqueue']);
        add_filter('script_loader_tag', [$this, 'asModule'], 10, 2);
    }

    /**
     * @param mixed $html
     * @return mixed
     */
    public function wrap($html, \WC_Product $product)
    {
        $sku = $product->is_type('variable') ? '' : Catalogue::skuOf($product);
        if (!is_string($html) || $html === '' || $sku === '' || !$this->scene->isShopFront()) {
            return $html;
        }
        // The component's price must be of the kind that it takes the place of.
        $tax = get_option('woocommerce_tax_display_shop') === 'incl' ? 'gross' : 'net';
        return '<pricelane-price data-sku="' . esc_attr($sku) . '" data-tax="' . $tax . '">' . $html . '</pricelane-price>';
    }

    public function enqueue(): void
    {
        if (is_readable(PRICELANE_DIR . self::SCRIPT)) {
            wp_enqueue_script('pricelane', plugins_url(self::SCRIPT, PRICELANE_DIR . 'pricelane.php'), [], PRICELANE_VERSION, true);
        }
    }

    /** Where the component asks: see docs/shops/web.md. */
    public function head(): void
    {
        $names = ['pricelane-gateway' => $this->gateway, 'pricelane-session' => \WC_AJAX::get_endpoint('pricelane_token')];
        foreach ($names as $name => $url) {
            echo '<meta name="' . esc_attr($name) . '" content="' . esc_url($url) . '">' . "\n";
        }
    }

    /**
     * @param mixed $tag
     * @param mixed $handle
     * @return mixed
     */
    public function asModule($tag, $handle)
    {
        return $handle === 'pricelane' && is_string($tag) ? str_replace('<script ', '<script type="module" ', $tag) : $tag;
    }
}
