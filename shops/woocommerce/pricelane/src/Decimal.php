<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** Amounts and quantities as decimal strings: no float ever holds one on its way from the ERP to the shop. */
final class Decimal
{
    /** @param mixed $value true only for a string such as "1249.900000": up to 15 digits and 6 decimals, not negative */
    public static function isDecimal($value): bool
    {
        return is_string($value) && preg_match('/^\d{1,15}(\.\d{1,6})?$/D', $value) === 1;
    }

    /**
     * @param int|float|string $quantity as the cart holds it
     * @return string|null such as "2" or "2.5"; null where it is no decimal above 0
     */
    public static function fromQuantity($quantity): ?string
    {
        // number_format writes no exponent, and a quantity is no money.
        $text = is_string($quantity) ? trim($quantity) : self::short(number_format((float) $quantity, 6, '.', ''));
        if (!self::isDecimal($text) || self::compare($text, '0') <= 0) {
            return null;
        }
        return self::short($text);
    }

    /** @return int below 0, 0, above 0, as strcmp */
    public static function compare(string $a, string $b): int
    {
        return strcmp(self::padded($a), self::padded($b));
    }

    /**
     * Half up to 6 decimals.
     * @throws \InvalidArgumentException for a divisor of 0
     */
    public static function divide(string $amount, string $by): string
    {
        if (!self::isDecimal($amount) || !self::isDecimal($by) || self::compare($by, '0') === 0) {
            throw new \InvalidArgumentException("cannot divide \"$amount\" by \"$by\": both must be decimals, the second above 0");
        }
        if (self::compare($by, '1') === 0) {
            return $amount;
        }
        // Both in millionths; the amount once more a millionfold, for the decimals of the result, and one digit to round by.
        $dividend = self::micros($amount) . '0000000';
        return self::fromTenths(self::longDivision($dividend, self::shortInteger(self::micros($by))));
    }

    /** @return string without zeros behind its last decimal */
    public static function short(string $text): string
    {
        return strpos($text, '.') === false ? $text : rtrim(rtrim($text, '0'), '.');
    }

    /** A whole number, towards 0. */
    public static function whole(string $text): string
    {
        $whole = explode('.', $text)[0];
        return self::shortInteger($whole);
    }

    private static function micros(string $text): string
    {
        [$whole, $fraction] = array_pad(explode('.', $text, 2), 2, '');
        return $whole . str_pad($fraction, 6, '0');
    }

    private static function padded(string $text): string
    {
        return str_pad(self::micros($text), 32, '0', STR_PAD_LEFT);
    }

    private static function shortInteger(string $digits): string
    {
        $short = ltrim($digits, '0');
        return $short === '' ? '0' : $short;
    }

    /** Digit by digit. The remainder times ten must fit an integer: a divisor of up to 17 digits. */
    private static function longDivision(string $dividend, string $divisor): string
    {
        if (strlen($divisor) > 17) {
            throw new \InvalidArgumentException('the unit that the price is for is too large: at most 11 digits before the point');
        }
        $by = (int) $divisor;
        $rest = 0;
        $quotient = '';
        foreach (str_split($dividend) as $digit) {
            $rest = $rest * 10 + (int) $digit;
            $quotient .= intdiv($rest, $by);
            $rest %= $by;
        }
        return self::shortInteger($quotient);
    }

    /** @param string $tenths digits with 7 decimals, without the point */
    private static function fromTenths(string $tenths): string
    {
        $digits = str_pad($tenths, 8, '0', STR_PAD_LEFT);
        $kept = substr($digits, 0, -1);
        $micros = (int) substr($digits, -1) >= 5 ? self::increment($kept) : $kept;
        return self::short(self::shortInteger(substr($micros, 0, -6)) . '.' . substr($micros, -6));
    }

    private static function increment(string $digits): string
    {
        for ($at = strlen($digits) - 1; $at >= 0; $at--) {
            if ($digits[$at] !== '9') {
                $digits[$at] = (string) ((int) $digits[$at] + 1);
                return $digits;
            }
            $digits[$at] = '0';
        }
        return '1' . $digits;
    }
}
