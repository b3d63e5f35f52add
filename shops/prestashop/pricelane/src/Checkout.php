<?php
namespace Pricelane\PrestaShop;

/** Where a priced buyer's order can be stopped: on the order page, and where a payment or a free order begins. */
final class Checkout
{
    private $context;
    private $runtime;
    private $passed = false;

    public function __construct(\Context $context, Runtime $runtime)
    {
        $this->context = $context;
        $this->runtime = $runtime;
    }

    /** @return string[] why the buyer must go back to his cart; empty where nothing is in the way, or nothing is ordered here */
    public function refusals(\Controller $controller): array
    {
        $isOrder = $this->placesOrder($controller);
        $isPage = ($controller->php_self ?? '') === 'order' && !$controller->ajax;

        return $isOrder || $isPage ? $this->judge($isOrder) : [];
    }

    /** Once a request: a payment module's own controller and the order itself come one after the other. */
    public function judge(bool $isOrder): array
    {
        $cart = $this->context->cart;
        $code = $this->buyersCode();
        if ($code === null || $this->passed || !$cart || !$cart->id || !$cart->nbProducts()) {
            return [];
        }
        $lines = $this->lines($code);
        $refusals = $this->runtime->guard->refusals($code, (int) $cart->id, $lines, $isOrder);
        $this->passed = $refusals === [];
        $this->writeStock($code, $lines);
        // What was computed before the ERP was asked may be another price than it said.
        \Product::flushPriceCache();
        $cart->getProducts(true);

        return $refusals;
    }

    /** A payment told from outside has nobody logged in, and is never stopped: the money was taken. */
    private function buyersCode()
    {
        $buyer = $this->runtime->shop->loggedInCustomer();
        if ($buyer === 0 || (int) ($this->context->cart->id_customer ?? 0) !== $buyer) {
            return null;
        }

        return $this->runtime->shop->customerCode($buyer);
    }

    private function placesOrder(\Controller $controller): bool
    {
        // A cart whose total is 0 is ordered without any payment module.
        if (($controller->php_self ?? '') === 'order-confirmation' && \Tools::getValue('free_order')) {
            return true;
        }

        return ($controller->module ?? null) instanceof \PaymentModule && !self::isUnguarded($controller);
    }

    /** Whether the merchant named it as one that a payment module calls once the money was taken. */
    public static function isUnguarded(\Controller $controller): bool
    {
        $name = isset($controller->module) ? $controller->module->name . ':' . \Tools::getValue('controller') : '';

        return $name !== '' && in_array($name, array_map('trim', explode(',', Settings::get('PRICELANE_UNGUARDED'))), true);
    }

    private function lines(string $code): array
    {
        $calculation = $this->runtime->calculation;
        $cart = $this->context->cart;
        $products = $cart->getProducts();
        foreach ($products as $product) {
            $sku = $calculation->sku(self::variant($product));
            $this->runtime->book->expect((string) $sku, (string) $product['cart_quantity']);
        }
        $this->runtime->book->flush($code);

        return array_map(function (array $product) use ($calculation, $code, $cart): array {
            $variant = self::variant($product);
            $quantity = (string) $product['cart_quantity'];

            return [
                'product' => $product,
                'key' => $variant . '-' . (int) $product['id_customization'],
                'sku' => $calculation->sku($variant),
                'quantity' => $quantity,
                'price' => $calculation->priceOf($code, (int) $cart->id, $variant, $quantity),
                'name' => (string) $product['name'],
            ];
        }, array_values($products));
    }

    /**
     * The cart's last word on stock is SQL on the shop's own table: what the ERP has must stand there, by its word of now where it
     * was just asked.
     */
    private function writeStock(string $code, array $lines): void
    {
        if (Settings::get('PRICELANE_STOCK') !== '1') {
            return;
        }
        $told = $this->runtime->agreements->told((int) $this->context->cart->id);
        // Backwards: the first line of an SKU tells all there is, the lines behind it what the first leaves.
        foreach (array_reverse($lines) as $line) {
            $available = $told[$line['key']]['available'] ?? null;
            if ($available !== null) {
                $this->runtime->book->setAvailable($code, $line['sku'], $available);
            }
        }
        foreach ($lines as $line) {
            $available = $line['sku'] === null ? null : $this->runtime->book->available($code, $line['sku']);
            $quantity = (int) floor((float) $available);
            if ($available !== null && $quantity !== (int) $line['product']['quantity_available']) {
                \StockAvailable::setQuantity((int) $line['product']['id_product'], (int) $line['product']['id_product_attribute'], $quantity);
            }
        }
    }

    private static function variant(array $product): string
    {
        return (int) $product['id_product'] . '-' . (int) $product['id_product_attribute'];
    }
}
