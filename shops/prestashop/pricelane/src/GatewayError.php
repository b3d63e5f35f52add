<?php
namespace Pricelane\PrestaShop;

/** No usable answer; the message is for the merchant, and has no secret in it. */
final class GatewayError extends \RuntimeException
{
}
