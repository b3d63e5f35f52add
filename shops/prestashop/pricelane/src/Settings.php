<?php
namespace Pricelane\PrestaShop;

/** The module's own lines of the shop's configuration. */
final class Settings
{
    const DEFAULTS = [
        'PRICELANE_URL' => '',
        'PRICELANE_KID' => 'shop-1',
        'PRICELANE_SECRET' => '',
        'PRICELANE_AUDIENCE' => 'pricelane',
        'PRICELANE_TIMEOUT_MS' => '800',
        'PRICELANE_GUESTS' => '0',
        'PRICELANE_ECOTAX_INCLUDED' => '1',
        'PRICELANE_STOCK' => '1',
        'PRICELANE_COMPONENT_URL' => '',
        'PRICELANE_UNGUARDED' => '',
    ];

    public static function get(string $name): string
    {
        $value = \Configuration::get($name);

        return $value === false || $value === null ? self::DEFAULTS[$name] : (string) $value;
    }

    public static function isComplete(): bool
    {
        return self::get('PRICELANE_URL') !== '' && self::get('PRICELANE_KID') !== '' && self::get('PRICELANE_SECRET') !== '';
    }

    /**
     * @param array<string, string> $values by name; an empty secret keeps the one that is kept
     * @return string[] what is wrong with them; empty where they are saved
     */
    public static function save(array $values, Texts $texts): array
    {
        $values = array_map('trim', $values);
        if ($values['PRICELANE_SECRET'] === '') {
            $values['PRICELANE_SECRET'] = self::get('PRICELANE_SECRET');
        }
        $mistakes = [];
        if (preg_match('~^https?://[^/\s]+~i', $values['PRICELANE_URL']) !== 1) {
            $mistakes[] = $texts->text('url_bad', ['{value}' => $values['PRICELANE_URL']]);
        }
        if ($values['PRICELANE_KID'] === '') {
            $mistakes[] = $texts->text('kid_bad');
        }
        if (strlen($values['PRICELANE_SECRET']) < 32) {
            $mistakes[] = $texts->text('secret_bad');
        }
        $timeout = $values['PRICELANE_TIMEOUT_MS'];
        if (preg_match('/^\d{3}$/D', $timeout) !== 1 || $timeout < 300 || $timeout > 800) {
            $mistakes[] = $texts->text('timeout_bad', ['{value}' => $timeout]);
        }
        if ($mistakes === []) {
            foreach ($values as $name => $value) {
                \Configuration::updateValue($name, $value);
            }
        }

        return $mistakes;
    }
}
