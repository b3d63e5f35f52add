<?php
namespace Pricelane\PrestaShop;

/** Small things kept from one request to the next; they may be lost without harm. */
interface Memory
{
    /** @return array|null null where there is none, or its time is over */
    public function get(string $name, int $now);

    public function put(string $name, array $value, int $expires): void;

    public function forget(string $name): void;
}
