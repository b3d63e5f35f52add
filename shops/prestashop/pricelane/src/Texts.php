<?php
namespace Pricelane\PrestaShop;

/** What buyers and merchants read, in French for a French page and in English otherwise. */
final class Texts
{
    private $texts;
    private $point;

    public function __construct(string $language)
    {
        $file = $language === 'fr' ? 'fr' : 'en';
        $this->point = $file === 'fr' ? ',' : '.';
        $this->texts = require __DIR__ . '/texts/' . $file . '.php';
    }

    /** @param array<string, string> $places what stands for each {place} */
    public function text(string $key, array $places = []): string
    {
        return strtr($this->texts[$key] ?? $this->texts['unverified'], $places);
    }

    /**
     * None of its digits is lost, but zeros at its end.
     * @param string $decimal as the gateway writes it, such as "12.340000"
     * @param int $least how many decimals stay though they are zeros
     */
    public function decimal(string $decimal, int $least): string
    {
        list($whole, $fraction) = array_pad(explode('.', $decimal, 2), 2, '');
        $kept = str_pad(rtrim($fraction, '0'), min($least, strlen($fraction)), '0');

        return $kept === '' ? $whole : $whole . $this->point . $kept;
    }
}
