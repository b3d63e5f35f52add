import type { RequestListener } from "node:http";
import { fileURLToPath } from "node:url";
import { Child } from "./child.js";

/** A product as the gateway answers it: the objects that every other contender serves. */
export interface RecordedProduct {
  readonly sku: string;
  readonly [field: string]: unknown;
}

export interface RunningContender {
  readonly name: string;
  /** What this is, in a few words. */
  readonly about: string;
  /** Where the workload is posted. */
  readonly url: URL;
  readonly child: Child;
}

/** Somebody the gateway is measured against. Each is one file in `contenders/`, listed in the benchmark. */
export interface Contender {
  start(products: readonly RecordedProduct[]): Promise<RunningContender>;
}

/** What the file of a contender exports under the name `createListener`. */
export type CreateListener = (products: readonly RecordedProduct[]) => RequestListener | Promise<RequestListener>;

/** What the file of a contender that brings its own HTTP server exports under the name `listen`. @returns where it is asked */
export type Listen = (products: readonly RecordedProduct[]) => Promise<URL>;

/** Runs the `listen`, or the `createListener`, of a contender's file, the latter behind node:http, in a process of its own. @param moduleUrl its `import.meta.url` */
export function inOwnProcess(moduleUrl: string, name: string, about: string): Contender {
  return {
    async start(products) {
      const program = fileURLToPath(new URL("contender-host.js", import.meta.url));
      const child = new Child({ program, args: [moduleUrl], env: { NODE_ENV: "production" } });
      await child.nextMessage(); // until it listens, a message would get lost
      const { url } = await child.exchange<{ url: string }>({ products });
      return { name, about, child, url: new URL(url) };
    },
  };
}
