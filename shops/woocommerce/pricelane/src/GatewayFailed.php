<?php

declare(strict_types=1);

namespace Pricelane\WooCommerce;

/** No answer could be had. The message is for the shop's staff and the log; buyers are shown none of it. */
final class GatewayFailed extends \RuntimeException
{
}
