import type { PortClient } from "../../../src/erp/port/port-client.js";

/** A client whose ERP says what the test wants, and that remembers what it was asked. */
export class FakePortClient implements PortClient {
  readonly asked: { readonly path: string; readonly body?: unknown }[] = [];
  /** Thrown where it is an error; else the JSON of the answer. */
  says: unknown;

  constructor(says: unknown = {}) {
    this.says = says;
  }

  async post(path: string, body: unknown): Promise<unknown> {
    return this.#answer({ path, body });
  }

  async get(path: string): Promise<unknown> {
    return this.#answer({ path });
  }

  async ping(path: string): Promise<void> {
    this.#answer({ path });
  }

  #answer(asked: { path: string; body?: unknown }): unknown {
    this.asked.push(asked);
    if (this.says instanceof Error) throw this.says;
    return this.says;
  }
}

export const anyCall = { sentAt: 1_000, signal: new AbortController().signal };
