<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** The ERP's customer code in a user's profile: shown and changed by those who may edit users, by nobody else. */
final class UserField
{
    private const NONCE = 'pricelane_user';

    public function register(): void
    {
        foreach (['show_user_profile', 'edit_user_profile'] as $action) {
            add_action($action, [$this, 'show'], 10, 1);
        }
        foreach (['personal_options_update', 'edit_user_profile_update'] as $action) {
            add_action($action, [$this, 'save'], 10, 1);
        }
        // Not by the custom fields of any form or API, either.
        add_filter('is_protected_meta', static fn ($is, $key) => $key === Buyer::META ? true : $is, 10, 2);
    }

    /** @param \WP_User $user */
    public function show($user): void
    {
        if (!current_user_can('edit_users')) {
            return;
        }
        $code = (string) get_user_meta($user->ID, Buyer::META, true);
        wp_nonce_field(self::NONCE, 'pricelane_nonce');
        echo '<h2>Pricelane</h2><table class="form-table"><tr><th><label for="pricelane_code">'
            . esc_html__('Customer code in the ERP', 'pricelane') . '</label></th><td><input type="text" class="regular-text" maxlength="200" '
            . 'id="pricelane_code" name="pricelane_code" value="' . esc_attr($code) . '"><p class="description">'
            . esc_html__('This user sees this customer’s own prices. Empty: the shop’s.', 'pricelane') . '</p></td></tr></table>';
    }

    /** @param mixed $userId */
    public function save($userId): void
    {
        $nonce = $_POST['pricelane_nonce'] ?? '';
        if (!current_user_can('edit_users') || !isset($_POST['pricelane_code']) || !is_string($nonce) || !wp_verify_nonce($nonce, self::NONCE)) {
            return;
        }
        $code = is_string($_POST['pricelane_code']) ? trim(wp_unslash($_POST['pricelane_code'])) : '';
        if ($code === '') {
            delete_user_meta((int) $userId, Buyer::META);
        } elseif (Buyer::isCode($code)) {
            update_user_meta((int) $userId, Buyer::META, wp_slash($code));
        }
    }
}
