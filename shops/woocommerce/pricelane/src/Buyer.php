<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Who looks: the ERP's customer code of the logged-in user. It comes from the shop's own records, never from the request. */
final class Buyer
{
    public const META = 'pricelane_customer_code';

    /** @var array<string, int> */
    private array $seen = [];

    /**
     * @return string|null the code; null for a guest and for a user without one. A code that cannot be one is "" :
     *                     such a user is priced, and no price of his can be had
     */
    public function code(): ?string
    {
        $user = get_current_user_id();
        if ($user === 0) {
            return null;
        }
        $code = apply_filters('pricelane_customer_code', (string) get_user_meta($user, self::META, true), $user);
        if ($code === null || $code === false || $code === '') {
            return null;
        }
        return self::isCode($code) ? (string) $code : '';
    }

    /** @param mixed $code */
    public static function isCode($code): bool
    {
        return (is_string($code) || is_int($code)) && preg_match('/^[^\x00-\x1F\x7F]{1,200}$/Du', (string) $code) === 1;
    }

    /**
     * Counts the callers of this request: 0 for the first. It tells them apart within the request, and, since most requests have one,
     * keeps what the shop stores by it from growing with the number of customers.
     */
    public function ordinal(): int
    {
        $key = $this->code() === null ? 'guest' : 'c' . $this->code();
        return $this->seen[$key] ??= count($this->seen);
    }
}
