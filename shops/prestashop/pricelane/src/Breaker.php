<?php
namespace Pricelane\PrestaShop;

/**
 * Spares the shop's pages the time-out of a gateway that is down: after three failures in a row nobody asks for 20 s, then one
 * request tries. The clock and the memory come from outside.
 */
final class Breaker
{
    const FAILURES = 3;
    const PAUSE_SECONDS = 20;
    const NAME = 'breaker';

    private $memory;
    private $clock;
    private $state;

    /** @param callable(): int $clock in seconds */
    public function __construct(Memory $memory, callable $clock)
    {
        $this->memory = $memory;
        $this->clock = $clock;
    }

    public function permits(): bool
    {
        $now = ($this->clock)();
        $state = $this->state($now);
        if ($state['failures'] < self::FAILURES) {
            return true;
        }
        if ($now < $state['until']) {
            return false;
        }
        // The one that tries holds the others back for as long again.
        $this->save(['failures' => $state['failures'], 'until' => $now + self::PAUSE_SECONDS], $now);

        return true;
    }

    public function succeeded(): void
    {
        if ($this->state(($this->clock)())['failures'] > 0) {
            $this->memory->forget(self::NAME);
            $this->state = null;
        }
    }

    public function failed(): void
    {
        $now = ($this->clock)();
        $failures = $this->state($now)['failures'] + 1;
        $this->save(['failures' => $failures, 'until' => $now + self::PAUSE_SECONDS], $now);
    }

    private function state(int $now): array
    {
        if ($this->state === null) {
            $kept = $this->memory->get(self::NAME, $now);
            $this->state = ['failures' => (int) ($kept['failures'] ?? 0), 'until' => (int) ($kept['until'] ?? 0)];
        }

        return $this->state;
    }

    private function save(array $state, int $now): void
    {
        $this->state = $state;
        $this->memory->put(self::NAME, $state, $now + 300);
    }
}
