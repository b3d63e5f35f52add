<?php
namespace Pricelane\PrestaShop;

/** Lets a priced customer's order through where the ERP, asked now, says that the cart is still true. */
final class CartGuard
{
    /** The order page asks again after so long; the order itself always asks. */
    const PAGE_SECONDS = 60;

    private $question;
    private $agreements;
    private $texts;
    private $clock;

    /** @param callable(): int $clock in seconds */
    public function __construct(CartQuestion $question, Agreements $agreements, Texts $texts, callable $clock)
    {
        $this->question = $question;
        $this->agreements = $agreements;
        $this->texts = $texts;
        $this->clock = $clock;
    }

    /**
     * @param array[] $lines each with key, sku (null where the shop has no reference), quantity, price and name
     * @param bool $isOrder whether the order is about to be placed: then the ERP is asked whatever was agreed a moment ago
     * @return string[] why not, for the buyer; empty where the order may go on
     */
    public function refusals(string $customer, int $cart, array $lines, bool $isOrder): array
    {
        $unpriced = $this->withoutPrice($lines);
        if ($unpriced !== []) {
            return $unpriced;
        }
        $earlier = $this->agreements->of($cart);
        if ($earlier !== null && $earlier['customer'] !== $customer) {
            $earlier = null;
        }
        $isAgreed = $earlier !== null && $earlier['verdict'] === 'ACCEPT' && self::agrees($earlier['lines'], $lines);
        if ($isOrder && !$isAgreed) {
            // Who comes straight to the payment was shown no price that could be judged.
            return [$this->texts->text('review_order')];
        }
        if (!$isOrder && $isAgreed && ($this->clock)() - $earlier['at'] < self::PAGE_SECONDS) {
            return [];
        }

        return $this->askNow($customer, $cart, $lines, $earlier, $isOrder);
    }

    private function withoutPrice(array $lines): array
    {
        $messages = [];
        foreach ($lines as $line) {
            if ($line['sku'] === null || $line['price'] === null) {
                $messages[] = $this->texts->text('line_on_request', ['{sku}' => $line['name']]);
            }
        }

        return $messages;
    }

    private function askNow(string $customer, int $cart, array $lines, $earlier, bool $isOrder): array
    {
        $asked = array_map(static function (array $line) use ($earlier): array {
            $line['price'] = self::shownPrice($line, $earlier);

            return $line + ['shown' => $line['price']['net']];
        }, $lines);
        // The promise to a look at the order page would let a risen price through for a quarter of an hour. Who went to pay holds it:
        // he comes back from the payment with the same cart.
        $isPaying = !empty($earlier['ordered']);
        try {
            $answer = $this->question->ask($customer, $asked, $isPaying ? $earlier['quote'] : null);
        } catch (GatewayError $error) {
            return [$this->texts->text('unverified')];
        }
        if ($answer['verdict'] === 'ACCEPT' && self::isAnotherUnit($asked, $answer['lines'])) {
            $answer['verdict'] = 'NEEDS_CONSENT';
            $answer['messages'] = [['cart.lines_need_consent', null]];
        }
        if ($answer['verdict'] === 'UNVERIFIED') {
            // It says nothing of what was agreed, which the notice of a payment under way may still need.
            return $this->tell($answer['messages']);
        }
        // Also where it is refused: what the buyer is shown next are these prices, and going on then is his consent.
        $this->agreements->keep($cart, [
            'customer' => $customer, 'verdict' => $answer['verdict'], 'at' => ($this->clock)(),
            'quote' => $answer['quote'], 'lines' => $answer['lines'],
            'ordered' => $answer['verdict'] === 'ACCEPT' && ($isOrder || $isPaying),
        ]);

        return $answer['verdict'] === 'ACCEPT' ? [] : $this->tell($answer['messages']);
    }

    private function tell(array $messages): array
    {
        $told = [];
        foreach ($messages as list($key, $line)) {
            $told[] = $this->texts->text($key, $line === null ? [] : [
                '{sku}' => $line['sku'],
                '{quantity}' => $line['quantity'],
                '{available}' => $line['available'] === null ? '' : $this->texts->decimal($line['available'], 0),
                '{net}' => $line['net'] === null ? '' : $this->netText($line),
            ]);
        }

        return $told === [] ? [$this->texts->text('unverified')] : array_values(array_unique($told));
    }

    /** A price for a hundred never passes for one of a piece. */
    private function netText(array $line): string
    {
        $unit = $this->texts->decimal((string) $line['priceUnit'], 0);

        return $this->texts->decimal($line['net']['amount'], 2) . ' ' . $line['net']['currency'] . ($unit === '1' ? '' : ' / ' . $unit);
    }

    private static function shownPrice(array $line, $earlier): array
    {
        $before = $earlier['lines'][$line['key']] ?? null;
        $isSame = $before !== null && $before['sku'] === $line['sku'] && $before['quantity'] === $line['quantity'];
        $price = $isSame ? $before['price'] : null;

        return $price ?? $line['price'];
    }

    /** Whether a line was shown for another number of units than the gateway compared its price for: what it compared was no price then. */
    private static function isAnotherUnit(array $asked, array $answered): bool
    {
        foreach ($asked as $line) {
            $price = $answered[$line['key']]['price'] ?? null;
            if ($price !== null && (float) $price['priceUnit'] !== (float) $line['price']['priceUnit']) {
                return true;
            }
        }

        return false;
    }

    private static function agrees(array $agreed, array $lines): bool
    {
        if (count($agreed) !== count($lines)) {
            return false;
        }
        foreach ($lines as $line) {
            $before = $agreed[$line['key']] ?? null;
            if ($before === null || $before['sku'] !== $line['sku'] || $before['quantity'] !== $line['quantity']) {
                return false;
            }
        }

        return true;
    }
}
