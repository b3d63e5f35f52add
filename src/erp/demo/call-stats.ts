/** The paths of the ERP port, as its description writes them. */
export const pathNames = [
  "/v1/prices",
  "/v1/stock",
  "/v1/customers/{code}",
  "/v1/products",
  "/v1/changes",
  "/v1/health",
] as const;

export type PathName = (typeof pathNames)[number];

/** What was asked of the ERP since the start or the last reset. */
export interface DemoErpStats {
  /** Calls by path, well formed or not. */
  readonly calls: Readonly<Record<PathName, number>>;
  /** Price lines and stock SKUs asked, by path. */
  readonly linesByPath: Readonly<Record<PathName, number>>;
  readonly lines: number;
  /** Calls come and neither answered nor, where their caller left, worked off. */
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** Calls sent away because workers and queue were full. */
  readonly refused: number;
  /** Calls worked off for a caller who had left: wasted work. */
  readonly abandoned: number;
}

export class CallStats {
  #calls = zeros();
  #lines = zeros();
  #inFlight = 0;
  #peakInFlight = 0;
  #refused = 0;
  #abandoned = 0;

  /** Returns what is to be called once when the call is over. */
  arrive(path: PathName): () => void {
    this.#calls[path]++;
    this.#inFlight++;
    this.#peakInFlight = Math.max(this.#peakInFlight, this.#inFlight);
    return () => {
      this.#inFlight--;
    };
  }

  addLines(path: PathName, lines: number): void {
    this.#lines[path] += lines;
  }

  addRefused(): void {
    this.#refused++;
  }

  addAbandoned(): void {
    this.#abandoned++;
  }

  /** Begins to count anew; calls in flight stay in flight. */
  reset(): void {
    this.#calls = zeros();
    this.#lines = zeros();
    this.#peakInFlight = this.#inFlight;
    this.#refused = 0;
    this.#abandoned = 0;
  }

  read(): DemoErpStats {
    return {
      calls: { ...this.#calls },
      linesByPath: { ...this.#lines },
      lines: Object.values(this.#lines).reduce((sum, lines) => sum + lines, 0),
      inFlight: this.#inFlight,
      peakInFlight: this.#peakInFlight,
      refused: this.#refused,
      abandoned: this.#abandoned,
    };
  }
}

function zeros(): Record<PathName, number> {
  return Object.fromEntries(pathNames.map((path) => [path, 0])) as Record<PathName, number>;
}
