<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** WooCommerce → Pricelane: the settings, and a test of the connection. The secret is written, never shown. */
final class SettingsPage
{
    private const PAGE = 'pricelane';
    private const CAPABILITY = 'manage_woocommerce';

    private Settings $settings;

    public function __construct(Settings $settings)
    {
        $this->settings = $settings;
    }

    public function register(): void
    {
        add_action('admin_menu', [$this, 'addPage'], 60);
        add_action('admin_init', [$this, 'addSettings']);
        add_filter('option_page_capability_' . self::PAGE, static fn () => self::CAPABILITY);
        add_action('admin_post_pricelane_test', [$this, 'test']);
    }

    public function addPage(): void
    {
        add_submenu_page('woocommerce', 'Pricelane', 'Pricelane', self::CAPABILITY, self::PAGE, [$this, 'show']);
    }

    public function addSettings(): void
    {
        register_setting(self::PAGE, Settings::OPTION, ['type' => 'array', 'sanitize_callback' => [$this, 'sanitize'], 'show_in_rest' => false]);
    }

    /**
     * @param mixed $input
     * @return array<string, mixed> what is wrong keeps its old value, and is told
     */
    public function sanitize($input): array
    {
        $old = array_merge(Settings::DEFAULTS, (array) get_option(Settings::OPTION, []));
        $input = is_array($input) ? array_map(static fn ($value) => is_scalar($value) ? trim((string) $value) : '', $input) : [];
        $new = $old;
        foreach (['kid', 'audience'] as $name) {
            $new[$name] = sanitize_text_field($input[$name] ?? $old[$name]);
        }
        foreach (['guests', 'stock', 'write_stock', 'component'] as $name) {
            $new[$name] = ($input[$name] ?? '') === 'yes' ? 'yes' : 'no';
        }
        foreach (['timeout_ms' => [300, 800], 'order_timeout_ms' => [1000, 10000]] as $name => [$least, $most]) {
            $new[$name] = max($least, min($most, (int) ($input[$name] ?? $old[$name])));
        }
        return $this->withSecret($this->withUrl($new, $input), $input);
    }

    public function show(): void
    {
        if (!current_user_can(self::CAPABILITY)) {
            return;
        }
        echo '<div class="wrap"><h1>Pricelane</h1>';
        settings_errors();
        $this->showTested();
        echo '<form method="post" action="options.php">';
        settings_fields(self::PAGE);
        echo '<table class="form-table">';
        $this->field('url', __('Address of the gateway', 'pricelane'), 'https://prices.example.com/graphql');
        $this->field('kid', __('Name of the key (kid)', 'pricelane'), 'shop-1');
        $this->secretField();
        $this->field('audience', __('Audience', 'pricelane'), 'pricelane');
        $this->field('timeout_ms', __('A page waits at most (ms)', 'pricelane'), '300 – 800');
        $this->field('order_timeout_ms', __('An order waits at most (ms)', 'pricelane'), '1000 – 10000');
        $this->box('guests', __('Guests see the gateway’s public prices', 'pricelane'));
        $this->box('stock', __('Show the ERP’s stock', 'pricelane'));
        $this->box('write_stock', __('Write the ERP’s stock for the lines of an order', 'pricelane'));
        $this->box('component', __('Wrap prices for the component in the browser', 'pricelane'));
        echo '</table>';
        submit_button();
        echo '</form><form method="post" action="' . esc_url(admin_url('admin-post.php')) . '"><input type="hidden" name="action" value="pricelane_test">';
        wp_nonce_field('pricelane_test');
        submit_button(__('Test the connection', 'pricelane'), 'secondary');
        echo '</form></div>';
    }

    public function test(): void
    {
        if (!current_user_can(self::CAPABILITY)) {
            wp_die(esc_html__('You may not do this.', 'pricelane'), '', ['response' => 403]);
        }
        check_admin_referer('pricelane_test');
        set_transient('pricelane_tested_' . get_current_user_id(), $this->tested(), 60);
        wp_safe_redirect(admin_url('admin.php?page=' . self::PAGE));
        exit;
    }

    /** @return array{ok: bool, text: string} */
    public function tested(): array
    {
        if (!$this->settings->isComplete()) {
            return ['ok' => false, 'text' => __('Address, key name and a secret of at least 32 bytes are needed first.', 'pricelane')];
        }
        $began = microtime(true);
        try {
            // Past the breaker of the pages: who tests wants to know how it is now.
            $gateway = Plugin::gateway($this->settings, 'test' . get_current_user_id() . '_' . time(), 5000);
            $gateway->ask('{ viewer { audience } }', [], null, 'checkout');
        } catch (GatewayFailed $failure) {
            return ['ok' => false, 'text' => $failure->getMessage()];
        }
        /* translators: %d: milliseconds */
        return ['ok' => true, 'text' => sprintf(__('The gateway answered within %d ms, and knows the key.', 'pricelane'), (int) ((microtime(true) - $began) * 1000))];
    }

    /**
     * @param array<string, mixed> $new
     * @param array<string, string> $input
     * @return array<string, mixed>
     */
    private function withUrl(array $new, array $input): array
    {
        $url = esc_url_raw($input['url'] ?? '', ['http', 'https']);
        if ($url === '' && ($input['url'] ?? '') !== '') {
            add_settings_error(self::PAGE, 'url', __('The address must begin with https:// and end in /graphql.', 'pricelane'));
            return $new;
        }
        return ['url' => $url] + $new;
    }

    /**
     * An empty field keeps the secret that is there.
     * @param array<string, mixed> $new
     * @param array<string, string> $input
     * @return array<string, mixed>
     */
    private function withSecret(array $new, array $input): array
    {
        $secret = $input['secret'] ?? '';
        // WordPress sanitizes a new option twice; what is stored already is not judged again.
        if (Settings::isSecretInConfig() || $secret === '' || $secret === $new['secret']) {
            return $new;
        }
        if (strlen($secret) < 32) {
            add_settings_error(self::PAGE, 'secret', __('The secret must have at least 32 bytes; the old one is kept.', 'pricelane'));
            return $new;
        }
        return ['secret' => $secret] + $new;
    }

    private function showTested(): void
    {
        $tested = get_transient('pricelane_tested_' . get_current_user_id());
        if (is_array($tested)) {
            delete_transient('pricelane_tested_' . get_current_user_id());
            echo '<div class="notice notice-' . ($tested['ok'] ? 'success' : 'error') . '"><p>' . esc_html($tested['text']) . '</p></div>';
        }
    }

    private function field(string $name, string $label, string $example): void
    {
        $stored = array_merge(Settings::DEFAULTS, (array) get_option(Settings::OPTION, []));
        $this->row($name, $label, '<input type="text" class="regular-text" id="pricelane_' . esc_attr($name) . '" name="' . Settings::OPTION . '['
            . esc_attr($name) . ']" value="' . esc_attr((string) $stored[$name]) . '" placeholder="' . esc_attr($example) . '">');
    }

    private function secretField(): void
    {
        if (Settings::isSecretInConfig()) {
            $this->row('secret', __('Secret', 'pricelane'), esc_html__('Set by PRICELANE_SECRET in wp-config.php.', 'pricelane'));
            return;
        }
        $mask = $this->settings->secret() === '' ? '' : '••••••••';
        $this->row('secret', __('Secret', 'pricelane'), '<input type="password" class="regular-text" autocomplete="new-password" id="pricelane_secret" name="'
            . Settings::OPTION . '[secret]" value="" placeholder="' . esc_attr($mask) . '">');
    }

    private function box(string $name, string $label): void
    {
        $stored = array_merge(Settings::DEFAULTS, (array) get_option(Settings::OPTION, []));
        $this->row($name, $label, '<input type="checkbox" value="yes" id="pricelane_' . esc_attr($name) . '" name="' . Settings::OPTION . '['
            . esc_attr($name) . ']"' . ($stored[$name] === 'yes' ? ' checked' : '') . '>');
    }

    private function row(string $name, string $label, string $field): void
    {
        echo '<tr><th><label for="pricelane_' . esc_attr($name) . '">' . esc_html($label) . '</label></th><td>' . $field . '</td></tr>';
    }
}
