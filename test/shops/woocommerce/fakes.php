<?php

declare(strict_types=1);

/** WordPress and WooCommerce in miniature: what the plugin calls, and nothing it does not. */
final class Shop
{
    public static array $hooks = [];
    public static array $options = [];
    public static array $transients = [];
    public static array $meta = [];
    public static array $products = [];
    public static array $notices = [];
    public static array $can = [];
    public static int $user = 0;
    public static bool $isAdmin = false;
    public static bool $isCron = false;
    public static bool $withTax = false;
    /** @var callable(string, array): mixed */
    public static $http;
    /** What was sent: [query, variables, claims, arguments]. */
    public static array $sent = [];
    public static ?WC_Cart $cart = null;
    public static Session $session;
    /** Hooks under way. */
    public static array $doing = [];
    public static array $saved = [];
    public static array $json = [];

    public static function reset(): void
    {
        [self::$hooks, self::$options, self::$transients, self::$meta, self::$products, self::$notices] = [[], [], [], [], [], []];
        [self::$can, self::$user, self::$isAdmin, self::$isCron, self::$withTax] = [[], 0, false, false, false];
        [self::$sent, self::$cart, self::$saved, self::$json] = [[], null, [], []];
        [self::$session, self::$doing] = [new Session(), []];
        self::$http = static fn () => new WP_Error('down', 'refused');
        $_POST = [];
    }

    public static function claims(string $token): array
    {
        return json_decode(base64_decode(strtr(explode('.', $token)[1], '-_', '+/')), true);
    }
}

/** One visitor's, which outlives his requests. */
final class Session
{
    public array $values = [];
    public function get(string $key, $default = null)
    {
        return $this->values[$key] ?? $default;
    }
    public function set(string $key, $value): void
    {
        $this->values[$key] = $value;
    }
}

class WP_Error
{
    public array $errors = [];
    public function __construct(string $code = '', string $message = '')
    {
        if ($code !== '') {
            $this->add($code, $message);
        }
    }
    public function add(string $code, string $message): void
    {
        $this->errors[$code] = $message;
    }
    public function has_errors(): bool
    {
        return $this->errors !== [];
    }
    public function get_error_message(): string
    {
        return (string) reset($this->errors);
    }
}

class WP_REST_Request
{
    public function __construct(private string $method, private string $route)
    {
    }
    public function get_method(): string
    {
        return $this->method;
    }
    public function get_route(): string
    {
        return $this->route;
    }
}

class WC_Product
{
    public array $props;
    public function __construct(public int $id, array $props = [])
    {
        $this->props = $props + ['sku' => "SKU-$id", 'price' => '99', 'regular_price' => '99', 'sale_price' => '', 'stock_quantity' => 5,
            'stock_status' => 'instock', 'manage_stock' => true, 'type' => 'simple', 'children' => [], 'status' => 'publish'];
    }
    private function get(string $prop, string $context)
    {
        $prefix = $this->props['type'] === 'variation' ? 'woocommerce_product_variation_get_' : 'woocommerce_product_get_';
        return $context === 'view' ? apply_filters($prefix . $prop, $this->props[$prop], $this) : $this->props[$prop];
    }
    public function get_sku(): string
    {
        return $this->props['sku'];
    }
    public function get_name(): string
    {
        return "Product {$this->id}";
    }
    public function get_status(): string
    {
        return $this->props['status'];
    }
    public function get_price(string $context = 'view')
    {
        return $this->get('price', $context);
    }
    public function get_regular_price(string $context = 'view')
    {
        return $this->get('regular_price', $context);
    }
    public function get_sale_price(string $context = 'view')
    {
        return $this->get('sale_price', $context);
    }
    public function get_stock_quantity(string $context = 'view')
    {
        return $this->get('stock_quantity', $context);
    }
    public function get_stock_status(string $context = 'view')
    {
        return $this->get('stock_status', $context);
    }
    public function get_manage_stock(string $context = 'view')
    {
        return $this->props['manage_stock'];
    }
    public function get_id(): int
    {
        return $this->id;
    }
    public function get_stock_managed_by_id(): int
    {
        return $this->props['stock_managed_by'] ?? $this->id;
    }
    public function set_price($price): void
    {
        $this->props['price'] = $price;
    }
    public function is_type(string $type): bool
    {
        return $this->props['type'] === $type;
    }
    public function get_children(): array
    {
        return $this->props['children'];
    }
    public function is_purchasable(): bool
    {
        return apply_filters('woocommerce_is_purchasable', $this->get_price() !== '', $this);
    }
    public function get_price_html(): string
    {
        return apply_filters('woocommerce_get_price_html', $this->get_price() === '' ? '' : (string) $this->get_price(), $this);
    }
    public function save(): void
    {
        do_action('woocommerce_before_product_object_save', $this);
        Shop::$saved[$this->id] = $this->get_price();
        do_action('woocommerce_after_product_object_save', $this);
    }
}

class WC_Cart
{
    public array $lines = [];
    public function add(int $id, $quantity, ?string $key = null): void
    {
        $this->lines[$key ?? "k$id"] = ['product_id' => $id, 'variation_id' => 0, 'quantity' => $quantity, 'data' => clone Shop::$products[$id]];
    }
    public function get_cart(): array
    {
        return $this->lines;
    }
    public function calculate_totals(): void
    {
        do_action('woocommerce_before_calculate_totals', $this);
        do_action('woocommerce_after_calculate_totals', $this);
    }
    public function get_cart_hash(): string
    {
        return apply_filters('woocommerce_cart_hash', 'hash', []);
    }
}

class StoreApiRefusal extends Exception
{
    public function __construct(public string $word, string $message, public int $status = 400)
    {
        parent::__construct($message);
    }
}
class_alias(StoreApiRefusal::class, 'Automattic\\WooCommerce\\StoreApi\\Exceptions\\RouteException');

class WC_Order
{
    public array $meta = [];
    public string $status = 'pending';
    public function update_status(string $status): void
    {
        $this->status = $status;
    }
    public function update_meta_data(string $key, $value): void
    {
        $this->meta[$key] = $value;
    }
}

function add_filter(string $name, $run, int $priority = 10, int $count = 1): void
{
    Shop::$hooks[$name][$priority][] = [$run, $count];
}
function add_action(string $name, $run, int $priority = 10, int $count = 1): void
{
    add_filter($name, $run, $priority, $count);
}
function remove_action(string $name, $run, int $priority = 10): void
{
    Shop::$hooks[$name][$priority] = array_values(array_filter(Shop::$hooks[$name][$priority] ?? [], static fn ($hook) => $hook[0] !== $run));
}
function apply_filters(string $name, $value, ...$more)
{
    $hooks = Shop::$hooks[$name] ?? [];
    ksort($hooks);
    foreach ($hooks as $list) {
        foreach ($list as [$run, $count]) {
            $value = $run(...array_slice([$value, ...$more], 0, $count));
        }
    }
    return $value;
}
function do_action(string $name, ...$arguments): void
{
    Shop::$doing[] = $name;
    try {
        apply_filters($name, $arguments[0] ?? null, ...array_slice($arguments, 1));
    } finally {
        array_pop(Shop::$doing);
    }
}
function doing_action(string $name): bool
{
    return in_array($name, Shop::$doing, true);
}
function get_option(string $name, $default = false)
{
    return Shop::$options[$name] ?? $default;
}
function get_transient(string $name)
{
    return Shop::$transients[$name] ?? false;
}
function set_transient(string $name, $value, int $seconds = 0): void
{
    Shop::$transients[$name] = $value;
}
function delete_transient(string $name): void
{
    unset(Shop::$transients[$name]);
}
function get_current_user_id(): int
{
    return Shop::$user;
}
function get_user_meta(int $user, string $key, bool $single = false)
{
    return Shop::$meta[$user][$key] ?? '';
}
function update_user_meta(int $user, string $key, $value): void
{
    Shop::$meta[$user][$key] = $value;
}
function delete_user_meta(int $user, string $key): void
{
    unset(Shop::$meta[$user][$key]);
}
function current_user_can(string $capability): bool
{
    return in_array($capability, Shop::$can, true);
}
function wp_verify_nonce(string $nonce, string $action): bool
{
    return $nonce === "nonce of $action";
}
function wp_doing_cron(): bool
{
    return Shop::$isCron;
}
function is_admin(): bool
{
    return Shop::$isAdmin;
}
function wc_get_product($id)
{
    $product = Shop::$products[(int) $id] ?? false;
    if ($product !== false && !$product->is_type('variation')) {
        do_action('woocommerce_product_read', $product->id);
    }
    return $product;
}
function wc_update_product_stock(WC_Product $product, int $quantity, string $how): void
{
    $product->props['stock_quantity'] = $quantity;
}
function wc_prices_include_tax(): bool
{
    return Shop::$withTax;
}
function wc_get_price_to_display(WC_Product $product, array $arguments)
{
    return $arguments['price'];
}
function wc_price($amount): string
{
    return "<b>$amount €</b>";
}
function wc_stock_amount($amount)
{
    return $amount;
}
function wc_add_notice(string $text, string $kind): void
{
    Shop::$notices[] = $text;
}
function wc_notice_count(string $kind): int
{
    return count(Shop::$notices);
}
function wc_get_logger(): object
{
    return new class {
        public function warning(string $text, array $context): void
        {
        }
    };
}
function WC(): object
{
    return (object) ['cart' => Shop::$cart, 'session' => Shop::$session];
}
function get_woocommerce_currency(): string
{
    return 'EUR';
}
function home_url(): string
{
    return 'https://shop.example.com';
}
function __(string $text, string $domain): string
{
    return $text;
}
function esc_html__(string $text, string $domain): string
{
    return htmlspecialchars($text);
}
function esc_html(string $text): string
{
    return htmlspecialchars($text);
}
function esc_attr(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}
function esc_url_raw(string $url, array $schemes): string
{
    return preg_match('#^https?://[^\s<>"]+$#D', $url) === 1 ? $url : '';
}
function sanitize_text_field(string $text): string
{
    return trim(strip_tags($text));
}
function add_settings_error(string $page, string $code, string $text): void
{
    Shop::$notices[] = $text;
}
function wp_unslash($value)
{
    return stripslashes($value);
}
function wp_slash($value)
{
    return addslashes($value);
}
function wp_strip_all_tags(string $html): string
{
    return strip_tags($html);
}
function nocache_headers(): void
{
}
function wp_send_json($answer, int $status): void
{
    Shop::$json[] = [$status, $answer];
}
function is_wp_error($value): bool
{
    return $value instanceof WP_Error;
}
function wp_remote_retrieve_response_code(array $answer): int
{
    return $answer['status'];
}
function wp_remote_retrieve_body(array $answer): string
{
    return $answer['body'];
}
function wp_remote_post(string $url, array $arguments)
{
    $body = json_decode($arguments['body'], true);
    $token = substr($arguments['headers']['Authorization'] ?? '', 7);
    Shop::$sent[] = ['query' => $body['query'], 'variables' => $body['variables'], 'claims' => $token === '' ? [] : Shop::claims($token)];
    return (Shop::$http)($url, $arguments);
}

define('PRICELANE_DIR', dirname(__DIR__, 3) . '/shops/woocommerce/pricelane/');
define('PRICELANE_VERSION', 'test');
spl_autoload_register(static function (string $class): void {
    $file = PRICELANE_DIR . 'src/' . substr($class, strlen('Pricelane\\WooCommerce\\')) . '.php';
    if (str_starts_with($class, 'Pricelane\\') && is_file($file)) {
        require $file;
    }
});
