import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What comes through: all, nothing over connections that hang, no replies, or no connection at all. */
type Passage = "open" | "stalled" | "deaf" | "cut";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands between clients and one server on the loopback, and cuts or holds up what goes through it. */
export class TcpProxy {
  readonly #to: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #passage: Passage = "open";

  private constructor(to: number) {
    this.#to = to;
    this.#server = createServer((client) => this.#join(client));
  }

  /** @param to the port of the server, which need not listen yet */
  static async start(to: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(to);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections; none can be made until {@link mend}. */
  cut(): void {
    this.#pass("cut");
    for (const pair of this.#pairs) end(pair);
  }

  /** Holds all back, both ways or the replies alone; connections stay open and can be made. At {@link mend} it comes late. */
  stall(which: "both ways" | "replies"): void {
    this.#pass(which === "replies" ? "deaf" : "stalled");
  }

  mend(): void {
    this.#pass("open");
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #pass(passage: Passage): void {
    this.#passage = passage;
    for (const pair of this.#pairs) this.#hold(pair);
  }

  #join(client: Socket): void {
    if (this.#passage === "cut") {
      client.on("error", () => {}).destroy();
      return;
    }
    const pair = { client, server: connect(this.#to, "127.0.0.1") };
    this.#pairs.add(pair);
    carry(client, pair.server);
    carry(pair.server, client);
    for (const socket of [client, pair.server]) {
      socket.on("error", () => {});
      socket.once("close", () => {
        this.#pairs.delete(pair);
        end(pair);
      });
    }
    this.#hold(pair);
  }

  #hold({ client, server }: Pair): void {
    if (this.#passage === "stalled") client.pause();
    else client.resume();
    if (this.#passage === "open") server.resume();
    else server.pause();
  }
}

function carry(from: Socket, to: Socket): void {
  from.on("data", (chunk) => to.write(chunk));
}

function end({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}
