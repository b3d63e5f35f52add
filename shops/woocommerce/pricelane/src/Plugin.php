<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Builds the parts and hooks them up; the one file that knows all of them. */
final class Plugin
{
    public static function boot(): void
    {
        add_action('init', static function (): void {
            load_plugin_textdomain('pricelane', false, basename(PRICELANE_DIR) . '/languages');
        });
        $settings = Settings::read();
        (new UserField())->register();
        if (is_admin()) {
            (new SettingsPage($settings))->register();
        }
        $scene = new Scene();
        $buyer = new Buyer();
        $scene->register();
        self::hookShop($settings, $scene, $buyer);
    }

    /** Also with settings that are not complete: a customer with a code must not see the shop's prices by a slip in them. */
    private static function hookShop(Settings $settings, Scene $scene, Buyer $buyer): void
    {
        $signer = self::signer($settings);
        $shelf = new Shelf();
        $book = new Book(self::gateway($settings, 'page', $settings->timeoutMs()), 'get_woocommerce_currency');
        $catalogue = new Catalogue($settings, $buyer, $scene, $book, $shelf);
        $prices = new PriceFilters($catalogue, $buyer);
        $shown = new Shown($catalogue, $buyer, $scene);
        $validator = new CartValidator(
            self::gateway($settings, 'order', $settings->orderTimeoutMs()),
            $buyer,
            $catalogue,
            new StockWriter($settings->writesStock(), $catalogue),
            $shown
        );
        foreach (
            [$catalogue, $prices, $shown, new CartFilters($catalogue, $prices), new Checkout($validator, $scene),
            new Privacy($catalogue, $scene), new TokenEndpoint($buyer, $signer)] as $part
        ) {
            $part->register();
        }
        if ($settings->showsStock()) {
            (new StockFilters($catalogue))->register();
        }
        if ($settings->wrapsPrices()) {
            (new PriceTag($settings->url(), $scene))->register();
        }
    }

    public static function gateway(Settings $settings, string $lane, int $timeoutMs): Gateway
    {
        $transport = new HttpTransport($settings->url());
        return new Gateway([$transport, 'post'], self::signer($settings), new Breaker($lane, 'time'), $timeoutMs);
    }

    private static function signer(Settings $settings): TokenSigner
    {
        return new TokenSigner($settings->kid(), $settings->secret(), $settings->audience(), home_url(), 'time');
    }
}
