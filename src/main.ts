import { systemClock, wallClock } from "./clock.js";
import { startGateway } from "./gateway.js";
import { boundHeapGrowth } from "./heap-growth.js";
import { createLandingPage } from "./http/page/landing-page.js";
import { readSettings, SettingsInvalid, strangeSettings } from "./read-settings.js";
import type { Settings } from "./settings.js";
import { createLogger } from "./telemetry/logger.js";
import { createMetrics } from "./telemetry/metrics.js";
import { startTracing } from "./telemetry/start-tracing.js";
import { readVersion } from "./version.js";
import { createWelcome, printWelcome } from "./welcome.js";

/** Longest time a stop may take, in ms: 5 s of draining, 3 s for the last traces, and a second for the rest. */
const stopMs = 9_000;

/** Reads the settings, starts, and stops on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  // A terminal or reader that is gone is no reason to end.
  process.stderr.on("error", () => {});
  boundHeapGrowth(process.execArgv);
  const settings = readSettingsOrExit();
  const logger = createLogger({ level: settings.logLevel });
  for (const name of strangeSettings(process.env)) {
    logger.warn({ name }, "this variable looks like a setting and is none: see docs/settings.md for their names");
  }
  const tracing = await startTracing({
    endpoint: settings.otlpEndpoint?.href ?? null,
    serviceVersion: readVersion(),
    logger,
  });
  const isProduction = settings.environment === "production";
  const gateway = await startGateway(
    { settings, clock: systemClock, wallClock, random: Math.random, logger, metrics: createMetrics() },
    async (demo) => {
      if (isProduction) return null;
      const { callers, query } = await createWelcome(settings, demo, wallClock);
      return createLandingPage({ tokens: callers, exampleQuery: query });
    },
  ).catch((error: Error) => {
    logger.fatal({ err: error }, "could not start");
    process.stderr.write(`pricelane: could not start: ${error.message}\n`);
    process.exit(1);
  });
  logger.info({ url: gateway.url.href, connector: settings.connector }, "listening");
  if (!isProduction) {
    // To stderr, so that stdout holds log lines alone.
    process.stderr.write(printWelcome(gateway.url, await createWelcome(settings, gateway.demo, wallClock)));
  }

  let isStopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, "draining");
    setTimeout(() => {
      logger.error("could not stop in time");
      process.exit(1);
    }, stopMs).unref();
    try {
      await gateway.stop();
      await tracing.stop();
    } catch (error) {
      logger.error({ err: error }, "could not stop in order");
      process.exit(1);
    }
    logger.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function readSettingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    process.stderr.write(`pricelane: ${error.message}\n`);
    process.exit(1);
  }
}

await main();
