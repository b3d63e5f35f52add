<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** The veto at the order, in the classic checkout and in the block's, and the quote that is kept with it. */
final class Checkout
{
    private CartValidator $validator;
    private Scene $scene;

    public function __construct(CartValidator $validator, Scene $scene)
    {
        $this->validator = $validator;
        $this->scene = $scene;
    }

    public function register(): void
    {
        add_action('woocommerce_after_checkout_validation', [$this, 'vetoClassic'], 99, 2);
        add_action('woocommerce_store_api_cart_errors', [$this, 'vetoBlocks'], 99, 2);
        add_action('woocommerce_checkout_create_order', [$this, 'guardOrder'], 99, 1);
        add_action('woocommerce_store_api_checkout_update_order_meta', [$this, 'keepQuoteId'], 10, 1);
        add_action('woocommerce_store_api_checkout_order_processed', [$this, 'guardBlocks'], 1, 1);
        add_action('woocommerce_checkout_create_order_line_item', [$this, 'keepQuote'], 10, 2);
    }

    /**
     * @param mixed $data
     * @param \WP_Error $errors
     */
    public function vetoClassic($data, $errors): void
    {
        // What the form lacks is told first: an order that cannot be placed is no reason to ask the ERP.
        if ($errors->has_errors() || wc_notice_count('error') > 0) {
            return;
        }
        $refusals = $this->validator->refusals(WC()->cart);
        if ($refusals !== []) {
            // So that the page beside the message shows what the cart costs now.
            WC()->session->set('refresh_totals', true);
        }
        foreach ($refusals as $at => $text) {
            $errors->add("pricelane_$at", esc_html($text));
        }
    }

    /**
     * Comes by at each look at the cart; the ERP is asked live for the order itself alone.
     * @param \WP_Error $errors
     * @param \WC_Cart $cart
     */
    public function vetoBlocks($errors, $cart): void
    {
        if (!$this->scene->isStoreApiOrder()) {
            return;
        }
        foreach ($this->validator->refusals($cart) as $at => $text) {
            $errors->add("pricelane_$at", $text);
        }
    }

    /**
     * For ways to an order that pass by the checkout's validation, such as a payment button's own.
     * @param \WC_Order $order
     * @throws \Exception which WooCommerce shows the buyer in place of an order
     */
    public function guardOrder($order): void
    {
        $refusals = WC()->cart === null ? [] : $this->validator->refusals(WC()->cart);
        if ($refusals !== []) {
            throw new \Exception(esc_html(implode(' ', $refusals)));
        }
        $this->keepQuoteId($order);
    }

    /**
     * The blocks make an account, and log it in, behind the veto: an order at a guest's prices must not become a customer's. The ERP is not
     * asked again for who is still the same.
     * @param \WC_Order $order
     * @throws \Automattic\WooCommerce\StoreApi\Exceptions\RouteException before anything is paid
     */
    public function guardBlocks($order): void
    {
        $refusals = WC()->cart === null ? [] : $this->validator->refusals(WC()->cart);
        if ($refusals !== []) {
            // Pending, it could be paid by its link.
            $order->update_status('checkout-draft');
            throw new \Automattic\WooCommerce\StoreApi\Exceptions\RouteException('pricelane_refused', esc_html(implode(' ', $refusals)), 409);
        }
    }

    /** @param \WC_Order $order */
    public function keepQuoteId($order): void
    {
        $accepted = $this->validator->accepted();
        if ($accepted !== null && $accepted->quoteId !== null) {
            $order->update_meta_data('_pricelane_quote_id', $accepted->quoteId);
        }
    }

    /**
     * @param \WC_Order_Item_Product $item
     * @param mixed $key
     */
    public function keepQuote($item, $key): void
    {
        $accepted = $this->validator->accepted();
        if ($accepted !== null && isset($accepted->lines[(string) $key])) {
            $item->update_meta_data('_pricelane_net', (string) $accepted->lines[(string) $key]['net']);
            $item->update_meta_data('_pricelane_price_unit', (string) $accepted->lines[(string) $key]['priceUnit']);
            if ($accepted->quoteToken !== null) {
                $item->update_meta_data('_pricelane_quote', $accepted->quoteToken);
            }
        }
    }
}
