<?php
namespace Pricelane\PrestaShop;

/** What buyers and merchants read, in French for a French page and in English otherwise. */
final class Texts
{
    private $texts;

    public function __construct(string $language)
    {
        $file = $language === 'fr' ? 'fr' : 'en';
        $this->texts = require __DIR__ . '/texts/' . $file . '.php';
    }

    /** @param array<string, string> $places what stands for each {place} */
    public function text(string $key, array $places = []): string
    {
        return strtr($this->texts[$key] ?? $this->texts['unverified'], $places);
    }
}
