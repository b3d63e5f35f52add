<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** What buyers are told, by the gateway's message keys. */
final class Messages
{
    public static function unpriced(string $name): string
    {
        /* translators: %s: a product's name */
        return sprintf(__('The price of %s cannot be told at present. Please try again in a moment, or ask us for it.', 'pricelane'), $name);
    }

    public static function unverified(): string
    {
        return __('Your order could not be checked at present. Please try again in a moment.', 'pricelane');
    }

    public static function changed(): string
    {
        return __('Something in your order has changed. Please check it and confirm.', 'pricelane');
    }

    /** @param array<string, string> $values such as sku, net, quantity, available */
    public static function of(string $key, array $values): string
    {
        $text = self::texts()[$key] ?? self::changed();
        $places = [];
        foreach ($values as $name => $value) {
            $places['{' . $name . '}'] = $value;
        }
        return strtr($text, $places);
    }

    /** @return array<string, string> */
    private static function texts(): array
    {
        return [
            'cart.price_raised' => __('The price of {sku} has risen to {net}. Please confirm it.', 'pricelane'),
            'cart.price_dropped' => __('The price of {sku} has dropped to {net}. You pay the lower price.', 'pricelane'),
            'cart.price_unverified' => __('The price of {sku} could not be checked at present.', 'pricelane'),
            'cart.price_last_known' => __('The price of {sku} could not be checked just now; the last known price of {net} applies.', 'pricelane'),
            'cart.currency_mismatch' => __('{sku} cannot be priced in the currency of this order.', 'pricelane'),
            'cart.quantity_below_minimum' => __('{sku} is not sold in a quantity as small as {quantity}.', 'pricelane'),
            'cart.quantity_off_increment' => __('{sku} is sold in fixed steps only, and {quantity} is between two of them.', 'pricelane'),
            'cart.sku_unknown' => __('{sku} is no longer sold.', 'pricelane'),
            'cart.stock_partial' => __('Only {available} of {sku} available, not {quantity}.', 'pricelane'),
            'cart.stock_out' => __('{sku} is out of stock.', 'pricelane'),
            'cart.stock_unverified' => __('The stock of {sku} could not be checked at present.', 'pricelane'),
            'cart.customer_blocked' => __('Orders cannot be taken on your account at present. Please contact us.', 'pricelane'),
            'cart.customer_unverified' => __('Your account could not be checked at present. Please try again in a moment.', 'pricelane'),
            'cart.credit_exceeded' => __('This order is over the credit that is left on your account. Please contact us.', 'pricelane'),
            'cart.lines_rejected' => __('Some items of your order cannot be supplied.', 'pricelane'),
            'cart.lines_unverified' => __('Some items of your order could not be checked at present. Please try again in a moment.', 'pricelane'),
        ];
    }
}
