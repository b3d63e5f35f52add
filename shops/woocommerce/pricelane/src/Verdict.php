<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** What the gateway says of the cart, live. */
final class Verdict
{
    /** ACCEPT, NEEDS_CONSENT, REJECT or UNVERIFIED. */
    public string $verdict;
    /** @var list<array{key: string, line: ?string}> message keys, and whose line they are about */
    public array $reasons = [];
    /** @var array<string, array{net: ?string, priceUnit: ?string, available: ?string}> by the line's key; net is for priceUnit units */
    public array $lines = [];
    public ?string $quoteId = null;
    public ?string $quoteToken = null;

    private function __construct(string $verdict)
    {
        $this->verdict = $verdict;
    }

    public static function unverified(): self
    {
        return new self('UNVERIFIED');
    }

    /**
     * @param mixed $row a CartValidation of the schema
     * @param list<string> $keys of the lines that were sent: an answer that lacks one has verified nothing
     */
    public static function parse($row, array $keys): self
    {
        $verdict = is_array($row) ? $row['verdict'] ?? null : null;
        if (!in_array($verdict, ['ACCEPT', 'NEEDS_CONSENT', 'REJECT', 'UNVERIFIED'], true)) {
            return self::unverified();
        }
        $parsed = new self($verdict);
        $parsed->addReasons($row['reasons'] ?? null, null);
        foreach (is_array($row['lines'] ?? null) ? $row['lines'] : [] as $line) {
            $parsed->addLine($line);
        }
        if (array_diff($keys, array_map('strval', array_keys($parsed->lines))) !== []) {
            return self::unverified();
        }
        $parsed->quoteId = is_string($row['quote']['id'] ?? null) ? $row['quote']['id'] : null;
        $parsed->quoteToken = is_string($row['quote']['token'] ?? null) ? $row['quote']['token'] : null;
        return $parsed;
    }

    /** @param mixed $line */
    private function addLine($line): void
    {
        if (!is_array($line) || !is_string($line['key'] ?? null)) {
            return;
        }
        $net = $line['net']['amount'] ?? null;
        $unit = $line['priceUnit'] ?? null;
        $isPrice = Decimal::isDecimal($net) && Decimal::isDecimal($unit) && Decimal::compare($unit, '0') > 0;
        $available = $line['available'] ?? null;
        $this->lines[$line['key']] = [
            'net' => $isPrice ? $net : null,
            'priceUnit' => $isPrice ? $unit : null,
            'available' => Decimal::isDecimal($available) ? $available : null,
        ];
        $this->addReasons($line['reasons'] ?? null, $line['key']);
    }

    /** @param mixed $reasons */
    private function addReasons($reasons, ?string $line): void
    {
        foreach (is_array($reasons) ? $reasons : [] as $reason) {
            if (is_array($reason) && is_string($reason['messageKey'] ?? null)) {
                $this->reasons[] = ['key' => $reason['messageKey'], 'line' => $line];
            }
        }
    }
}
