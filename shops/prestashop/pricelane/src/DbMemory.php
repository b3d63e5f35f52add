<?php
namespace Pricelane\PrestaShop;

/** A table of its own in the shop's database. */
final class DbMemory implements Memory
{
    public function get(string $name, int $now)
    {
        $text = \Db::getInstance()->getValue(
            'SELECT `value` FROM `' . _DB_PREFIX_ . 'pricelane_memory` WHERE `name` = \'' . pSQL($name) . '\' AND `expires` > ' . $now,
            false
        );
        $value = is_string($text) ? json_decode($text, true) : null;

        return is_array($value) ? $value : null;
    }

    public function put(string $name, array $value, int $expires): void
    {
        $db = \Db::getInstance();
        $db->execute(
            'REPLACE INTO `' . _DB_PREFIX_ . 'pricelane_memory` (`name`, `value`, `expires`) VALUES (\'' . pSQL($name) . '\', \''
            . pSQL(json_encode($value), true) . '\', ' . $expires . ')',
            false
        );
        // Now and then whatever ran out is swept away, so that no cron is needed.
        if (random_int(1, 200) === 1) {
            $db->execute('DELETE FROM `' . _DB_PREFIX_ . 'pricelane_memory` WHERE `expires` < ' . time() . ' LIMIT 1000', false);
        }
    }

    public function forget(string $name): void
    {
        \Db::getInstance()->delete('pricelane_memory', '`name` = \'' . pSQL($name) . '\'', 0, false);
    }
}
