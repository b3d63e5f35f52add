<?php

declare(strict_types=1);

require __DIR__ . '/fakes.php';
require __DIR__ . '/FakeGateway.php';
require __DIR__ . '/PluginCase.php';
