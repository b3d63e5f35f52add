<?php
namespace Pricelane\PrestaShop;

/** The variants that one page showed, remembered by its address so that the next visitor's page asks for all of them at once. */
final class Page
{
    const DAYS = 7;
    const MAX_VARIANTS = 190;

    private $memory;
    private $name;
    private $clock;
    private $remembered;
    private $isTaken = false;
    private $shown = [];

    /**
     * @param string $address what makes the page this one; never anything of who looks at it
     * @param callable(): int $clock in seconds
     */
    public function __construct(Memory $memory, string $address, callable $clock)
    {
        $this->memory = $memory;
        $this->name = 'page:' . sha1($address);
        $this->clock = $clock;
    }

    public function show(string $variant): void
    {
        $this->shown[$variant] = true;
    }

    /** @return string[] what the page showed last time; empty the second time it is asked */
    public function takeRemembered(): array
    {
        if ($this->isTaken) {
            return [];
        }
        $this->isTaken = true;

        return $this->remembered();
    }

    /** Whether the page did not show it last time. */
    public function isNew(string $variant): bool
    {
        return !in_array($variant, $this->remembered(), true);
    }

    /** At the end of the request. */
    public function remember(): void
    {
        $shown = array_slice(array_keys($this->shown), 0, self::MAX_VARIANTS);
        if ($shown !== [] && array_diff($shown, $this->remembered()) !== []) {
            $this->memory->put($this->name, $shown, ($this->clock)() + self::DAYS * 86400);
        }
    }

    private function remembered(): array
    {
        if ($this->remembered === null) {
            $this->remembered = $this->memory->get($this->name, ($this->clock)()) ?? [];
        }

        return $this->remembered;
    }
}
