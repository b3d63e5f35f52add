<?php
namespace Pricelane\PrestaShop;

/** The element <pricelane-price> around a price, for pages from a cache; nothing where its script is not set. */
final class Component
{
    /** @param \ArrayAccess|array $product as the shop's templates have it */
    public static function price($product, PriceCalculation $calculation): string
    {
        $variant = (int) $product['id_product'] . '-' . (int) $product['id_product_attribute'];
        $sku = self::isUsed() ? (string) $calculation->sku($variant) : '';
        if ($sku === '') {
            return '';
        }
        $tax = \Product::getTaxCalculationMethod() === (int) PS_TAX_EXC ? 'net' : 'gross';

        return '<pricelane-price data-sku="' . htmlspecialchars($sku, ENT_QUOTES) . '" data-tax="' . $tax . '">'
            . htmlspecialchars((string) $product['price']) . '</pricelane-price>';
    }

    /** @param string $session where a browser asks who is logged in */
    public static function head(string $session): string
    {
        return !self::isUsed() ? '' : vsprintf(
            '<meta name="pricelane-gateway" content="%s"><meta name="pricelane-session" content="%s"><script type="module" src="%s"></script>',
            array_map('htmlspecialchars', [Settings::get('PRICELANE_URL'), $session, Settings::get('PRICELANE_COMPONENT_URL')])
        );
    }

    private static function isUsed(): bool
    {
        return Settings::get('PRICELANE_COMPONENT_URL') !== '' && Settings::isComplete();
    }
}
