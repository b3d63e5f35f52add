/** The codes that clients see in `extensions.code`. Shops and alerts match them: a code never changes meaning. */
export const errorCodes = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "BAD_USER_INPUT",
  "RATE_LIMITED",
  "CUSTOMER_UNKNOWN",
  "ERP_UNAVAILABLE",
  "ERP_TIMEOUT",
  "ERP_OVERLOADED",
  "ERP_BAD_ANSWER",
  "GATEWAY_STOPPING",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The codes that say what the ERP did, and so may stand as the reason of a last known answer. */
export type ErpErrorCode = Extract<ErrorCode, `ERP_${string}`>;

/**
 * An error this product foresees. `message` and `cause` are for the log and may name hosts; clients get
 * `clientMessage` and the code alone.
 */
export abstract class GatewayError extends Error {
  abstract readonly code: ErrorCode;
  /** What a client reads. Names no host, no path of the ERP, no other caller. */
  abstract readonly clientMessage: string;
  /** In how many seconds asking again may help; null where time alone changes nothing. */
  readonly retryAfterSeconds: number | null = null;
  /** Tells apart errors of one code that a client mends in different ways; goes out as `extensions.reason`. */
  readonly reason: string | null = null;
}

export class Unauthenticated extends GatewayError {
  readonly code = "UNAUTHENTICATED";
  readonly clientMessage: string;
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.clientMessage = reason;
  }
}

export class Forbidden extends GatewayError {
  readonly code = "FORBIDDEN";
  readonly clientMessage: string;
  constructor(reason: string) {
    super(reason);
    this.clientMessage = reason;
  }
}

export class BadUserInput extends GatewayError {
  readonly code = "BAD_USER_INPUT";
  readonly clientMessage: string;
  /** @param reason names the value and the mend; the caller reads it as it stands */
  constructor(reason: string) {
    super(reason);
    this.clientMessage = reason;
  }
}

/** A cursor of the feed that cannot be gone on from. */
export class FeedCursorLost extends BadUserInput {
  override readonly reason = "CURSOR_LOST";
}

/** A caller's budget of ERP keys is used up. Says nothing of the ERP, nor of what other callers would get. */
export class RateLimited extends GatewayError {
  readonly code = "RATE_LIMITED";
  readonly clientMessage = "You have asked the ERP for more than your share: ask again later, or for less.";
  override readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super("the caller's budget of ERP keys is used up");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** As many feeds are streamed as may be at once. */
export class TooManyStreams extends GatewayError {
  readonly code = "RATE_LIMITED";
  readonly clientMessage: string;
  // A run takes minutes: who comes back every second only adds to the load.
  override readonly retryAfterSeconds = 30;
  constructor(most: number) {
    const reason = `${most} feeds are being streamed, and no more at once: ask again once one has ended.`;
    super(reason);
    this.clientMessage = reason;
  }
}

/** This process ends; another one takes over, or it comes back. */
export class GatewayStopping extends GatewayError {
  readonly code = "GATEWAY_STOPPING";
  readonly clientMessage = "This gateway is stopping: go on from the last cursor, here or at another one.";
  override readonly retryAfterSeconds = 5;
  constructor() {
    super("the gateway is stopping");
  }
}

export class CustomerUnknown extends GatewayError {
  readonly code = "CUSTOMER_UNKNOWN";
  readonly clientMessage = "The ERP knows no customer with the code that your token names.";
  constructor(customer: string) {
    super(`the ERP knows no customer ${JSON.stringify(customer)}`);
  }
}

/** What went wrong between us and the ERP. */
export abstract class ErpError extends GatewayError {
  abstract override readonly code: ErpErrorCode;
  /** Whether this says that the ERP is ill, so that the circuit breaker counts it. */
  abstract readonly countsAsFailure: boolean;
  /** Whether one key among several may have made the whole call fail, so that asking for fewer may work. */
  readonly mayBeOneKey: boolean = false;
}

interface ErpUnavailableOptions {
  readonly cause?: unknown;
  readonly countsAsFailure?: boolean;
  readonly mayBeOneKey?: boolean;
  /** 1 unless said otherwise. */
  readonly retryAfterSeconds?: number;
}

/** A refused credential mends itself only when somebody mends it: nobody should ask for it every second. */
export const refusedCredentialSeconds = 30;

export class ErpUnavailable extends ErpError {
  readonly code = "ERP_UNAVAILABLE";
  readonly clientMessage = "The ERP cannot be asked at present.";
  readonly countsAsFailure: boolean;
  override readonly mayBeOneKey: boolean;
  override readonly retryAfterSeconds: number;
  constructor(reason: string, options: ErpUnavailableOptions = {}) {
    super(reason, { cause: options.cause });
    this.mayBeOneKey = options.mayBeOneKey ?? false;
    this.countsAsFailure = options.countsAsFailure ?? true;
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1;
  }
}

export class ErpTimeout extends ErpError {
  readonly code = "ERP_TIMEOUT";
  readonly clientMessage = "The ERP did not answer in time.";
  readonly countsAsFailure = true;
  override readonly retryAfterSeconds = 1;
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
  }
}

export class ErpOverloaded extends ErpError {
  readonly code = "ERP_OVERLOADED";
  readonly clientMessage = "The ERP has more to do than it can bear at present.";
  readonly countsAsFailure: boolean;
  override readonly retryAfterSeconds: number;
  /** For how long the ERP itself asked not to be asked; null where it named no time. */
  readonly holdSeconds: number | null;
  constructor(reason: string, options: { countsAsFailure: boolean; retryAfterSeconds?: number | null }) {
    super(reason);
    this.holdSeconds = options.retryAfterSeconds ?? null;
    this.countsAsFailure = options.countsAsFailure;
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1;
  }
}

export class ErpBadAnswer extends ErpError {
  readonly code = "ERP_BAD_ANSWER";
  readonly clientMessage: string = "The ERP gave an answer that cannot be used.";
  // The ERP is up and answering; asking it less would not mend what it says.
  readonly countsAsFailure = false;
  override readonly mayBeOneKey: boolean;
  /** The HTTP status, where that is what was bad; else null. */
  readonly status: number | null;
  constructor(
    reason: string,
    cause?: unknown,
    options: { readonly mayBeOneKey?: boolean; readonly status?: number } = {},
  ) {
    super(reason, { cause });
    this.mayBeOneKey = options.mayBeOneKey ?? false;
    this.status = options.status ?? null;
  }
}

/** The ERP cannot tell what changed, and will not learn to. */
export class ErpKeepsNoChanges extends ErpBadAnswer {}

/** The ERP no longer knows what changed since a cursor it gave: all of it may have. */
export class ErpCursorLost extends ErpBadAnswer {}

/** The ERP cannot list what it sells, so there is nothing to make a feed of. */
export class ErpListsNoProducts extends ErpBadAnswer {
  override readonly clientMessage = "This ERP cannot list its products, so there is no feed of them.";
  override readonly reason = "PRODUCTS_NOT_LISTED";
}
