import { connectorSettings } from "./connector-settings.js";
import { optional, type Setting, secret, setting } from "./setting.js";
import {
  amountsByCurrency,
  decimalFromZero,
  hmacKeys,
  httpAddress,
  longSecret,
  megabytes,
  minutes,
  oneOf,
  origins,
  plainText,
  readableFile,
  seconds,
  storeAddress,
  trustedProxy,
  unitsByChannel,
  wholeNumber,
} from "./setting-parsers.js";

const longestWindow = 30 * 24 * 3600;

/** Everything that can be set, once and for all. docs/settings.md is printed from it. */
export const settingsTable = {
  environment: setting(
    "NODE_ENV",
    "development",
    oneOf("development", "production", "test"),
    "`production` turns introspection, the landing page and the demo tokens off.",
  ),
  host: setting(
    "HOST",
    "127.0.0.1",
    plainText,
    "The address to listen on; `0.0.0.0` for all of them, as in a container.",
  ),
  port: setting(
    "PORT",
    "4000",
    wholeNumber(0, 65535),
    "The port to listen on, GraphQL at `/graphql`; 0 takes a free one.",
  ),
  metricsPort: optional(
    "METRICS_PORT",
    wholeNumber(0, 65535),
    "A port of its own for `/metrics`, on the same host; left out, `/metrics` stands open on `PORT`.",
  ),
  corsOrigins: setting(
    "CORS_ORIGINS",
    "",
    origins,
    "The origins whose pages may ask from a browser, separated by commas.",
  ),
  logLevel: setting(
    "LOG_LEVEL",
    "info",
    oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    "The least urgent lines that are logged.",
  ),

  ...connectorSettings,

  priceFreshMs: setting(
    "PRICE_FRESH_SECONDS",
    "60",
    seconds(0, longestWindow),
    "How long a price is served without asking.",
  ),
  priceStaleMs: setting(
    "PRICE_STALE_SECONDS",
    "86400",
    seconds(0, longestWindow),
    "Hard bound on a last known price, counted from when the ERP said it.",
  ),
  stockFreshMs: setting(
    "STOCK_FRESH_SECONDS",
    "15",
    seconds(0, longestWindow),
    "How long a stock is served without asking.",
  ),
  stockStaleMs: setting(
    "STOCK_STALE_SECONDS",
    "900",
    seconds(0, longestWindow),
    "Hard bound on a last known stock, counted from when the ERP said it.",
  ),
  customerFreshMs: setting(
    "CUSTOMER_FRESH_SECONDS",
    "300",
    seconds(0, longestWindow),
    "How long a customer's record is used without asking.",
  ),
  customerStaleMs: setting(
    "CUSTOMER_STALE_SECONDS",
    "3600",
    seconds(0, longestWindow),
    "Hard bound on a last known record; past it private fields carry the ERP's error.",
  ),
  changesPollMs: setting(
    "CHANGES_POLL_SECONDS",
    "10",
    seconds(0, 3600),
    "How often the ERP is asked what changed, where it keeps changes, so that it is forgotten; 0 for never. With `VALKEY_URL` one replica asks for all.",
  ),
  cacheMaxBytes: setting(
    "CACHE_MAX_MB",
    "256",
    megabytes(8, 65_536),
    "Most memory that answers may take, in MB (10⁶ bytes), mostly outside the heap: three quarters for prices, the rest for stock and customers; a tenth of each at most for what the feed alone asked. A price takes about 100 bytes.",
  ),
  journalFile: optional(
    "JOURNAL_FILE",
    plainText,
    "An SQLite file that keeps the journal of changes over restarts: delta cursors of the feed, and the lowest prices of the last 30 days. One process and one ERP a file; needs the optional package better-sqlite3. It goes before `VALKEY_URL`: with both, this replica has a journal of its own. Left out, the journal is in the store of `VALKEY_URL`, one for all replicas, else in memory. See docs/feed.md.",
  ),
  journalMaxSkus: setting(
    "JOURNAL_MAX_SKUS",
    "200000",
    wholeNumber(1, 10_000_000),
    "Most SKUs that the journal of changes remembers, a few hundred bytes each; should exceed the number of SKUs for sale.",
  ),
  stockPublicDetail: setting(
    "STOCK_PUBLIC_DETAIL",
    "status",
    oneOf("status", "quantity"),
    "What anonymous callers see of stock; customers, checkout and feed see quantities.",
  ),
  stockLowAt: setting("STOCK_LOW_AT", "5", decimalFromZero, "At this quantity and below, stock is called low."),

  authSecrets: {
    ...setting(
      "AUTH_SECRETS",
      "",
      hmacKeys,
      "HS256 keys, `kid:secret` separated by commas, each secret at least 32 bytes.",
    ),
    isSecret: true,
  },
  authJwksFile: optional(
    "AUTH_JWKS_FILE",
    readableFile,
    "A JWKS file of public keys (EdDSA, ES256, RS256); read again when it changes.",
  ),
  authJwksUrl: optional(
    "AUTH_JWKS_URL",
    httpAddress,
    "The address of a JWKS of public keys; read again when an unknown key turns up.",
  ),
  authAudience: setting("AUTH_AUDIENCE", "pricelane", plainText, "The `aud` that a token must carry."),

  quoteKeyFile: optional(
    "QUOTE_KEY_FILE",
    readableFile,
    "The Ed25519 key (JWK) that signs quotes, as `pricelane quote key` makes it; left out, one is made at the start, with a warning. In production with `VALKEY_URL` set it must be there.",
  ),
  quoteOldKeysFile: optional(
    "QUOTE_OLD_KEYS_FILE",
    readableFile,
    "A JWKS of Ed25519 keys, old or yet to come, that verify quotes and do not sign.",
  ),
  quoteMs: setting("QUOTE_SECONDS", "900", seconds(1, longestWindow), "How long a quote holds."),

  federation: setting(
    "FEDERATION",
    "off",
    oneOf("off", "subgraph"),
    "`subgraph` also answers what a router of Apollo Federation asks its subgraphs (`_entities`, `_service`). See docs/federation.md.",
  ),
  maxSkus: setting("MAX_SKUS", "200", wholeNumber(1, 10_000), "Most SKUs in one list."),
  maxKeysPerRequest: setting(
    "MAX_KEYS_PER_REQUEST",
    "1000",
    wholeNumber(1, 100_000),
    "Most ERP keys that one request may ask for over all its aliases.",
  ),
  maxDocumentTokens: setting(
    "MAX_DOCUMENT_TOKENS",
    "2000",
    wholeNumber(100, 100_000),
    "Most tokens in a GraphQL document.",
  ),
  callerKeysPerSecond: setting(
    "CALLER_KEYS_PER_SECOND",
    "200",
    wholeNumber(0, 1_000_000),
    "ERP keys that one customer, machine client or anonymous address may cost in a second; answers from memory cost none. 0 counts nobody. The lanes checkout and feed are never counted.",
  ),
  callerKeysBurst: setting(
    "CALLER_KEYS_BURST",
    "2000",
    wholeNumber(1, 10_000_000),
    "ERP keys that such a caller may cost at once, after having cost none for a while.",
  ),
  trustProxy: setting(
    "TRUST_PROXY",
    "0",
    trustedProxy,
    "Whose word counts on an anonymous caller's address. `0`: nobody's, the connection's own counts; `1`, `2`…: that many proxies in front, each adding to `X-Forwarded-For`; a header's name such as `cf-connecting-ip`: the proxy that writes it over. See docs/operations.md.",
  ),
  deadlineStorefrontMs: setting(
    "DEADLINE_STOREFRONT_MS",
    "2000",
    wholeNumber(1, 120_000),
    "How long a request in the storefront lane may wait for the ERP, in ms from its arrival.",
  ),
  deadlineCheckoutMs: setting(
    "DEADLINE_CHECKOUT_MS",
    "3000",
    wholeNumber(1, 120_000),
    "Likewise in the checkout lane.",
  ),
  deadlineFeedMs: setting("DEADLINE_FEED_MS", "10000", wholeNumber(1, 120_000), "Likewise in the feed lane."),

  feedSafetyStock: setting(
    "FEED_SAFETY_STOCK",
    "",
    unitsByChannel("google", "amazon"),
    "Units that a marketplace is told less than there are, such as `google 2, amazon 5`; at or below it, out of stock. See docs/feed.md.",
  ),
  feedMaxStreams: setting(
    "FEED_MAX_STREAMS",
    "4",
    wholeNumber(1, 100),
    "Most feeds that are streamed at once (`/feeds/…`), a few MB each; beyond it 429.",
  ),

  checkoutLastKnownMs: setting(
    "CHECKOUT_LAST_KNOWN_MINUTES",
    "0",
    minutes(0, 24 * 60),
    "How old a last known price may be that a checkout charges where the ERP cannot tell its prices, marked as such; 0 for never. Stock and the customer's record must be live all the same.",
  ),
  checkoutLastKnownMaxTotal: setting(
    "CHECKOUT_LAST_KNOWN_MAX_TOTAL",
    "",
    amountsByCurrency,
    "The most that an order with such a price may come to, tax included, for each currency in which there may be one, such as `500 EUR, 450 GBP`; nothing is converted.",
  ),

  valkeyUrl: secret(
    "VALKEY_URL",
    storeAddress,
    "The Valkey or Redis that replicas share, such as `redis://user:password@valkey:6379`; left out, each replica stands alone. Losing it costs freshness and delta cursors of the feed, and no answer. See docs/running.md.",
  ),
  valkeyKeySecret: secret(
    "VALKEY_KEY_SECRET",
    longSecret,
    "What seals all that is written there: at least 32 bytes, the same for all replicas. Needed with `VALKEY_URL`.",
  ),
  valkeyTimeoutMs: setting(
    "VALKEY_TIMEOUT_MS",
    "100",
    wholeNumber(5, 5_000),
    "How long it may take to answer, in ms; then the ERP is asked instead.",
  ),

  fleetReplicas: setting(
    "FLEET_REPLICAS",
    "2",
    wholeNumber(1, 1000),
    "Most replicas that run at once, those of an upgrade included: where the store is away, each takes its part of `ERP_MAX_CONCURRENCY`. Only with `VALKEY_URL`; see docs/running.md.",
  ),

  otlpEndpoint: optional(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    httpAddress,
    "Where OpenTelemetry traces go (OTLP over HTTP), such as `http://collector:4318`; left out, none are made.",
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Table = typeof settingsTable;

export type Settings = { readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never };

/** docs/settings.md. */
export function printSettings(): string {
  const rows = Object.values(settingsTable).map((row: Setting<unknown>) => {
    const initial = row.default === null || row.default === "" ? "" : `\`${row.default}\``;
    return `| \`${row.env}\` | ${initial} | ${row.about} |`;
  });
  return [
    "# Settings",
    "",
    "Read once at the start, from the environment. All mistakes are named at once, and stop the start.",
    "This page is printed from the code (`pricelane settings`): edit `src/settings.ts` instead.",
    "",
    "| variable | default | meaning |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
