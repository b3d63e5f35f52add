<?php

declare(strict_types=1);

defined('WP_UNINSTALL_PLUGIN') || exit;

// The quotes on orders stay: they belong to the orders.
delete_option('pricelane_settings');
delete_metadata('user', 0, 'pricelane_customer_code', '', true);
foreach (['page', 'order'] as $lane) {
    delete_transient("pricelane_breaker_$lane");
}
