<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** What the merchant set, parsed once: what does not hold becomes its default, or leaves the plugin idle. */
final class Settings
{
    public const OPTION = 'pricelane_settings';
    public const DEFAULTS = [
        'url' => '',
        'kid' => '',
        'secret' => '',
        'audience' => 'pricelane',
        'guests' => 'no',
        'timeout_ms' => 500,
        'order_timeout_ms' => 4000,
        'stock' => 'yes',
        'write_stock' => 'yes',
        'component' => 'no',
    ];

    /** @var array<string, mixed> */
    private array $values;

    /** @param mixed $stored the option as it lies in the database */
    public function __construct($stored)
    {
        $this->values = array_merge(self::DEFAULTS, is_array($stored) ? $stored : []);
    }

    public static function read(): self
    {
        return new self(get_option(self::OPTION, []));
    }

    public function url(): string
    {
        return (string) $this->values['url'];
    }

    public function kid(): string
    {
        return (string) $this->values['kid'];
    }

    /** The constant PRICELANE_SECRET of wp-config.php wins: a secret there is in no database dump. */
    public function secret(): string
    {
        return self::isSecretInConfig() ? (string) constant('PRICELANE_SECRET') : (string) $this->values['secret'];
    }

    public static function isSecretInConfig(): bool
    {
        return defined('PRICELANE_SECRET');
    }

    public function audience(): string
    {
        return (string) $this->values['audience'];
    }

    /** Whether guests, and users without a customer code, see the gateway's public prices rather than the shop's own. */
    public function includesGuests(): bool
    {
        return $this->values['guests'] === 'yes';
    }

    /** @return int ms that a page waits for the gateway, 300 to 800 */
    public function timeoutMs(): int
    {
        return max(300, min(800, (int) $this->values['timeout_ms']));
    }

    /** @return int ms that the order waits: more than the gateway's own DEADLINE_CHECKOUT_MS, 1000 to 10000 */
    public function orderTimeoutMs(): int
    {
        return max(1000, min(10000, (int) $this->values['order_timeout_ms']));
    }

    public function showsStock(): bool
    {
        return $this->values['stock'] === 'yes';
    }

    public function writesStock(): bool
    {
        return $this->values['write_stock'] === 'yes';
    }

    public function wrapsPrices(): bool
    {
        return $this->values['component'] === 'yes';
    }

    public function isComplete(): bool
    {
        return $this->url() !== '' && $this->kid() !== '' && strlen($this->secret()) >= 32;
    }
}
