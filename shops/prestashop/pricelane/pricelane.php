<?php
if (!defined('_PS_VERSION_')) {
    exit;
}
require_once __DIR__ . '/autoload.php';

use Pricelane\PrestaShop\Checkout;
use Pricelane\PrestaShop\Component;
use Pricelane\PrestaShop\ConfigurationPage;
use Pricelane\PrestaShop\CustomerField;
use Pricelane\PrestaShop\Customers;
use Pricelane\PrestaShop\Installation;
use Pricelane\PrestaShop\OrderLine;
use Pricelane\PrestaShop\Presented;
use Pricelane\PrestaShop\Runtime;
use Pricelane\PrestaShop\Settings;
use Pricelane\PrestaShop\Texts;
use Pricelane\PrestaShop\Token;

/** Prices and stock of the ERP, live, for the customers whom the ERP knows. Everything is decided in src; here the shop calls. */
class Pricelane extends Module
{
    private static $runtime;
    private static $checkout;

    public function __construct()
    {
        $this->name = 'pricelane';
        $this->tab = 'pricing_promotion';
        $this->version = '0.1.0';
        $this->author = 'Pricelane';
        $this->need_instance = 0;
        $this->bootstrap = true;
        $this->ps_versions_compliancy = ['min' => '8.1.0', 'max' => '9.99.99'];
        parent::__construct();
        $this->displayName = 'Pricelane';
        $this->description = $this->isFrench() ? "Les prix et le stock de l'ERP, en direct." : 'Prices and stock of the ERP, live.';
    }

    public function install()
    {
        return parent::install() && Installation::createTables() && $this->registerHook(Installation::HOOKS);
    }

    public function uninstall()
    {
        return Installation::dropAll() && parent::uninstall();
    }

    /** From 9 on the shop has a hook for stock, and what it needs no override for shall have none. */
    public function installOverrides()
    {
        return version_compare(_PS_VERSION_, '9.0.0', '>=') ? true : parent::installOverrides();
    }

    public function uninstallOverrides()
    {
        return version_compare(_PS_VERSION_, '9.0.0', '>=') ? true : parent::uninstallOverrides();
    }

    public function getContent()
    {
        $page = new ConfigurationPage($this->texts());
        $output = '';
        if (Tools::isSubmit('submitPricelane')) {
            $mistakes = $page->submit();
            $output .= $mistakes === [] ? $this->displayConfirmation($this->texts()->text('saved')) : '';
            foreach ($mistakes as $mistake) {
                $output .= $this->displayError(htmlspecialchars($mistake));
            }
        }
        if (!Settings::isComplete()) {
            $output .= $this->displayWarning($this->texts()->text('test_unset'));
        } else {
            $failure = $page->test((new Runtime($this->context, $this->texts()))->gateway);
            $output .= $failure === null
                ? $this->displayConfirmation($this->texts()->text('test_ok'))
                : $this->displayError(htmlspecialchars($failure));
        }

        return $output . $page->form($this);
    }

    public function hookActionFrontControllerInitBefore()
    {
        $isPriced = $this->isPricedPage();
        if ($isPriced || ($this->isActive() && Settings::get('PRICELANE_GUESTS') === '1')) {
            // The shop's own modules keep their blocks by customer group, and for long: the next one of the group would see these prices.
            Configuration::set('PS_SMARTY_CACHE', 0);
            $this->context->smarty->caching = 0;
        }
        if ($isPriced && !headers_sent()) {
            header('Cache-Control: private, no-store');
            header('X-LiteSpeed-Cache-Control: no-cache');
        }
    }

    public function hookActionFrontControllerInitAfter($params)
    {
        if ($this->isPricedPage()) {
            $this->refuse($this->checkout()->refusals($params['controller']), $params['controller']);
        }
    }

    /** PrestaShop 9, for payment modules whose controllers are none of the shop's. */
    public function hookActionValidateOrderBefore()
    {
        if ($this->isPricedPage() && !Checkout::isUnguarded($this->context->controller)) {
            $this->refuse($this->checkout()->judge(true), $this->context->controller);
        }
    }

    public function hookActionValidateOrder($params)
    {
        $agreement = $this->isActive() ? $this->runtime()->agreements->of((int) $params['cart']->id) : null;
        if ($agreement !== null) {
            Installation::keepWithOrder((int) $params['order']->id, (int) $params['cart']->id, $agreement);
        }
    }

    public function hookActionObjectOrderDetailAddBefore($params)
    {
        if ($this->isActive()) {
            OrderLine::dropReductions($params['object'], $this->runtime()->calculation);
        }
    }

    public function hookActionProductPriceCalculation($params)
    {
        if ($this->isActive()) {
            $this->runtime()->calculation->apply($params);
        }
    }

    public function hookActionProductSearchProviderRunQueryAfter($params)
    {
        if ($this->isPricedPage()) {
            $this->runtime()->calculation->expect(array_map(static function ($product): string {
                $combination = $product['id_product_attribute'] ?? $product['cache_default_attribute'] ?? 0;

                return (int) $product['id_product'] . '-' . (int) $combination;
            }, $params['result']->getProducts()));
        }
    }

    public function hookActionPresentProduct($params)
    {
        $this->hookActionPresentProductListing($params);
        if ($this->isPricedPage()) {
            $this->presented()->copyForScripts($params['presentedProduct']);
        }
    }

    public function hookActionPresentProductListing($params)
    {
        if ($this->isActive()) {
            $this->presented()->product($params['presentedProduct'], $this->isPricedPage());
        }
    }

    public function hookActionPresentCart($params)
    {
        if ($this->isPricedPage()) {
            $this->presented()->cart($params['presentedCart']);
        }
    }

    public function hookActionOverrideQuantityAvailableByProduct($params)
    {
        return $this->quantityAvailable((int) $params['id_product'], (int) $params['id_product_attribute']);
    }

    /** @return int|null what the ERP can promise; null where the shop's own stock stands */
    public function quantityAvailable(int $product, int $combination)
    {
        if (!$this->isPricedPage() || Settings::get('PRICELANE_STOCK') !== '1') {
            return null;
        }
        $sku = $this->runtime()->calculation->sku($product . '-' . $combination);
        $code = Customers::code($this->runtime()->shop->loggedInCustomer());
        // Only what came with the prices: stock alone is worth no question of its own.
        $available = $sku === null ? null : $this->runtime()->book->available($code, $sku);

        return $available === null ? null : (int) floor((float) $available);
    }

    public function hookDisplayProductPriceBlock($params)
    {
        $isShown = ($params['type'] ?? '') === 'custom_price' && $this->isActive();

        return $isShown ? Component::price($params['product'], $this->runtime()->calculation) : '';
    }

    public function hookDisplayHeader()
    {
        return $this->isActive() ? Component::head($this->context->link->getModuleLink('pricelane', 'token')) : '';
    }

    public function hookActionCustomerFormBuilderModifier($params)
    {
        CustomerField::add($params, $this->texts());
    }

    public function hookActionAfterCreateCustomerFormHandler($params)
    {
        // A form without our field says nothing of the code: emptied by it, the customer would see public prices.
        if (array_key_exists('pricelane_code', $params['form_data'] ?? [])) {
            Customers::keep((int) $params['id'], (string) $params['form_data']['pricelane_code']);
        }
    }

    public function hookActionAfterUpdateCustomerFormHandler($params)
    {
        $this->hookActionAfterCreateCustomerFormHandler($params);
    }

    public function hookActionObjectCustomerDeleteAfter($params)
    {
        Customers::keep((int) $params['object']->id, '');
    }

    /** A token for the browser of whoever is logged in by the shop's cookie; null for everybody else. */
    public function browserToken()
    {
        $code = $this->isPricedPage() && Settings::isComplete() ? Customers::code((int) $this->context->customer->id) : null;

        if ($code === null) {
            return ['token' => null];
        }
        $now = time();
        $token = $this->runtime()->token->sign($code, 'storefront', $now);

        return ['token' => $token, 'sub' => $code, 'expiresAt' => $now + Token::SECONDS];
    }

    private function refuse(array $messages, $controller): void
    {
        if ($messages !== []) {
            // Themes print notifications as the HTML they are taken for.
            $controller->errors = array_merge($controller->errors, array_map('htmlspecialchars', $messages));
            $controller->redirectWithNotifications($this->context->link->getPageLink('cart', null, null, ['action' => 'show']));
        }
    }

    /**
     * The shop's front alone: never the back office, the webservice, the command line or a cron. Before it is set up, too: a customer
     * with a code must not buy at the shop's prices until somebody notices.
     */
    private function isActive(): bool
    {
        return $this->active && $this->context->controller instanceof FrontController && !Tools::isPHPCLI();
    }

    private function isPricedPage(): bool
    {
        if (!$this->isActive()) {
            return false;
        }
        $customer = $this->context->customer;

        return $customer !== null && $customer->isLogged() && Customers::code((int) $customer->id) !== null;
    }

    private function runtime(): Runtime
    {
        if (self::$runtime === null) {
            self::$runtime = $runtime = new Runtime($this->context, $this->texts());
            register_shutdown_function(static function () use ($runtime): void {
                $runtime->page->remember();
            });
        }

        return self::$runtime;
    }

    private function presented(): Presented
    {
        return new Presented($this->runtime()->calculation, $this->texts());
    }

    private function checkout(): Checkout
    {
        if (self::$checkout === null) {
            self::$checkout = new Checkout($this->context, $this->runtime());
        }

        return self::$checkout;
    }

    private function texts(): Texts
    {
        return new Texts($this->isFrench() ? 'fr' : 'en');
    }

    private function isFrench(): bool
    {
        return isset($this->context->language) && $this->context->language->iso_code === 'fr';
    }
}
