<?php
/** Loads Pricelane\PrestaShop\X from src/X.php: the shop's own loader knows nothing of a module's classes. */
spl_autoload_register(static function (string $class): void {
    $prefix = 'Pricelane\\PrestaShop\\';
    if (strncmp($class, $prefix, strlen($prefix)) !== 0) {
        return;
    }
    $file = __DIR__ . '/src/' . substr($class, strlen($prefix)) . '.php';
    if (is_file($file)) {
        require $file;
    }
});
