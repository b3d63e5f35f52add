import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { GraphQLClient } from "../support/graphql-client.js";
import { readMetric } from "./read-metric.js";

/** Lines of the log by which a replica tells that it has a lease of the ERP's limit, and that it was not renewed. */
const leasedLine = "has a share of the ERP's limit";
const lostLine = "goes on with its safe share";

/** One place in a fleet: the process that stands there, and after it was killed the next one. */
export class FleetReplica {
  readonly #env: Readonly<Record<string, string>>;
  #gateway: GatewayProcess | null = null;
  #client: GraphQLClient | null = null;
  #hadShare = false;

  /** @param env as for {@link GatewayProcess} */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** To ask it by; null while nothing listens. */
  get client(): GraphQLClient | null {
    return this.#client;
  }

  /** Whether this process had a share of the ERP's limit already. */
  get hadShare(): boolean {
    return this.#hadShare;
  }

  /** Calls that it may have under way at the ERP now. */
  async share(): Promise<number> {
    const { url } = this.#running;
    const share = await readMetric(url, "pricelane_erp_share");
    if (share > 0) this.#hadShare = true;
    return share;
  }

  get isLeased(): boolean {
    const told = this.#running.logs.findLast(({ msg }) => msg.includes(leasedLine) || msg.includes(lostLine));
    return told?.msg.includes(leasedLine) ?? false;
  }

  /** Does not wait until it is ready: it is asked from the first. */
  async start(): Promise<void> {
    this.#hadShare = false;
    this.#gateway = await GatewayProcess.listen(this.#env);
    this.#client = new GraphQLClient(this.#gateway.url);
  }

  async untilShare(): Promise<void> {
    await eventually("it has a share", async () => (await this.share()) > 0, { withinMs: 15_000, everyMs: 100 });
  }

  async kill(): Promise<void> {
    this.#client = null;
    await this.#gateway?.stop("SIGKILL");
  }

  async stop(): Promise<number | null> {
    this.#client = null;
    return (await this.#gateway?.stop()) ?? null;
  }

  get #running(): GatewayProcess {
    if (this.#gateway === null) throw new Error("this replica was not started");
    return this.#gateway;
  }
}
