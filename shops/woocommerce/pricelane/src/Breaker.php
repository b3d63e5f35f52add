<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/**
 * Stops asking a gateway that does not answer, so that pages do not wait for its time-out one after another.
 * Closed until FAILURES in a row, then open; after OPEN_SECONDS one request tries while the others stay out, and its success closes.
 * The state lies in a transient that all PHP processes share; it is written on failure and recovery alone.
 */
final class Breaker
{
    public const FAILURES = 3;
    public const OPEN_SECONDS = 10;

    private string $name;
    /** @var callable(): int */
    private $now;
    /** @var array{failures: int, until: int} */
    private array $state = ['failures' => 0, 'until' => 0];

    /** @param callable(): int $now seconds since 1970 */
    public function __construct(string $lane, callable $now)
    {
        $this->name = "pricelane_breaker_$lane";
        $this->now = $now;
    }

    /** Whether the gateway may be asked. To be called once for each call, and followed by its outcome. */
    public function admits(): bool
    {
        $this->state = $this->read();
        if ($this->state['failures'] < self::FAILURES) {
            return true;
        }
        $now = ($this->now)();
        if ($now < $this->state['until']) {
            return false;
        }
        // This request is the trial: whoever comes while it is under way stays out as if the time began anew.
        $this->write($this->state['failures'], $now + self::OPEN_SECONDS);
        return true;
    }

    public function succeeded(): void
    {
        if ($this->state['failures'] > 0) {
            delete_transient($this->name);
        }
        $this->state = ['failures' => 0, 'until' => 0];
    }

    public function failed(): void
    {
        $this->write($this->state['failures'] + 1, ($this->now)() + self::OPEN_SECONDS);
    }

    private function write(int $failures, int $until): void
    {
        $this->state = ['failures' => $failures, 'until' => $until];
        // Longer than it is open, so that the trial after a quiet minute is still a trial, and not FAILURES slow pages.
        set_transient($this->name, $this->state, 10 * self::OPEN_SECONDS);
    }

    /** @return array{failures: int, until: int} */
    private function read(): array
    {
        $state = get_transient($this->name);
        return is_array($state) && is_int($state['failures'] ?? null) && is_int($state['until'] ?? null)
            ? ['failures' => $state['failures'], 'until' => $state['until']]
            : ['failures' => 0, 'until' => 0];
    }
}
