<?php
namespace Pricelane\PrestaShop;

/** Asks the ERP, through the gateway, whether a cart is still true. */
final class CartQuestion
{
    const QUERY = 'query Cart($input: ValidateCartInput!) { validateCart(input: $input) { verdict reasons { messageKey } '
        . 'quote { token expiresAt } lines { key sku quantity net { amount currency } priceUnit price stock available '
        . 'reasons { messageKey } } } }';
    /** The order may wait longer for an answer than a page: the ERP itself is asked. */
    const PATIENCE = 4;

    private $gateway;

    public function __construct(Gateway $gateway)
    {
        $this->gateway = $gateway;
    }

    /**
     * @param array[] $lines each with key, sku, quantity and shown (the net last shown as a string, or null)
     * @param string|null $quote of an earlier validation of this cart
     * @return array verdict, messages (of [messageKey, line or null]), quote, and lines by key with sku, quantity, available (or null) and price
     * @throws GatewayError
     */
    public function ask(string $customer, array $lines, $quote): array
    {
        $input = ['lines' => array_map(static function (array $line): array {
            $asked = ['key' => $line['key'], 'sku' => $line['sku'], 'quantity' => $line['quantity']];

            return $line['shown'] === null ? $asked : $asked + ['shownNet' => $line['shown']];
        }, $lines)];
        if ($quote !== null) {
            $input['quote'] = $quote;
        }
        $data = $this->gateway->ask(self::QUERY, ['input' => $input], $customer, 'checkout', self::PATIENCE);
        if (!is_array($data['validateCart'] ?? null)) {
            throw new GatewayError('The gateway did not validate the cart: may its key sign the scope checkout?');
        }

        return self::read($data['validateCart']);
    }

    private static function read(array $answer): array
    {
        $messages = $lines = [];
        foreach ($answer['lines'] as $line) {
            foreach ($line['reasons'] as $reason) {
                $messages[] = [$reason['messageKey'], $line];
            }
            $lines[$line['key']] = [
                'sku' => $line['sku'],
                'quantity' => $line['quantity'],
                'available' => $line['available'],
                'price' => $line['net'] === null ? null : [
                    'net' => $line['net']['amount'], 'currency' => $line['net']['currency'],
                    'priceUnit' => $line['priceUnit'], 'tiers' => [],
                ],
            ];
        }
        foreach ($answer['reasons'] as $reason) {
            $messages[] = [$reason['messageKey'], null];
        }

        return [
            'verdict' => $answer['verdict'], 'messages' => $messages, 'lines' => $lines,
            'quote' => $answer['quote']['token'] ?? null,
        ];
    }
}
