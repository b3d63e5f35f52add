import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openPort } from "../../src/cli/conformance/port.js";
import { allChecks, readSampleSkus, runChecks, type Verdict } from "../../src/cli/conformance/run-checks.js";
import { conformanceCommand } from "../../src/cli/conformance.js";
import { type DemoErp, startDemoErp } from "../../src/erp/demo/demo-erp.js";

type Json = Record<string, unknown>;
type Rows = Json[];

/** What becomes of an answer on its way. */
interface Answer {
  status: number;
  json: Json;
}

const token = "the-port's-token";

/** The demonstration ERP, whose answers can be spoilt on their way. */
class SpoiltPort {
  spoil: (route: string, answer: Answer, asked: Json) => void = () => {};
  readonly #server: Server;
  constructor(erp: DemoErp) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      const authorization = request.headers.authorization ?? "";
      const got = await fetch(`${erp.url.origin}${request.url}`, {
        method: request.method ?? "GET",
        headers: { authorization, "content-type": "application/json" },
        body: body === "" ? null : body,
      });
      const answer = { status: got.status, json: (await got.json().catch(() => ({}))) as Json };
      this.spoil(`${request.method} ${request.url?.split("?")[0]}`, answer, body === "" ? {} : JSON.parse(body));
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.json));
    });
  }
  async start(): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`);
  }
  stop(): void {
    this.#server.close();
  }
}

/** Five of the demonstration's, the first two on one list. */
const customers = ["C0004", "C0016", "C0001", "C0005"];

async function verdictsOf(
  url: URL,
  options: { customers?: readonly string[]; token?: string | null } = {},
): Promise<Map<string, Verdict>> {
  const bearer = options.token === undefined ? token : options.token;
  const port = openPort({ url, token: bearer, timeoutMs: 5_000, now: () => 0 });
  const skus = await readSampleSkus(port, 4);
  const verdicts = new Map<string, Verdict>();
  for await (const verdict of runChecks(port, { skus, customers: options.customers ?? customers, token: bearer }))
    verdicts.set(verdict.id, verdict);
  return verdicts;
}

const resultsOf = (verdicts: ReadonlyMap<string, Verdict>) =>
  Object.fromEntries([...verdicts].map(([id, { result, reasons }]) => [id, result === "fail" ? reasons : result]));

const allPass = Object.fromEntries(allChecks.map(({ id }) => [id, "pass"]));

const linesOf = ({ json }: Answer) => (json["lines"] ?? []) as Rows;
const priced = (lines: Rows) => lines.filter(({ status }) => status === "priced");
const twoFromOne = [
  { from: "1", unitPrice: "2" },
  { from: "1.0", unitPrice: "1" },
];

function set(target: object | Rows, fields: Json): void {
  for (const each of [target].flat()) Object.assign(each, fields);
}

function onPrices(change: (lines: Rows, asked: Rows) => unknown): SpoiltPort["spoil"] {
  return (route, answer, asked) => {
    if (route === "POST /v1/prices") change(linesOf(answer), (asked["lines"] ?? []) as Rows);
  };
}

function onStock(change: (items: Rows) => unknown): SpoiltPort["spoil"] {
  return (route, { json }) => {
    if (route === "POST /v1/stock") change((json["items"] ?? []) as Rows);
  };
}

function onRoute(start: string, change: (answer: Answer) => void): SpoiltPort["spoil"] {
  return (route, answer) => {
    if (route.startsWith(start)) change(answer);
  };
}

function failFor(status: string): SpoiltPort["spoil"] {
  return (_, answer) => {
    if (linesOf(answer).some((line) => line["status"] === status)) set(answer, { status: 400 });
  };
}

function priceFor(status: string): SpoiltPort["spoil"] {
  return onPrices((lines) =>
    set(
      lines.filter((line) => line["status"] === status),
      { status: "priced", currency: "EUR", taxBasis: "net", unitPrice: "1" },
    ),
  );
}

describe("conformance", () => {
  let erp: DemoErp;
  let port: SpoiltPort;
  let url: URL;

  beforeAll(async () => {
    erp = await startDemoErp({ latencyMs: 0, perLineMs: 0, token });
    port = new SpoiltPort(erp);
    url = await port.start();
  });

  afterAll(async () => {
    port.stop();
    await erp.stop();
  });

  afterEach(() => {
    port.spoil = () => {};
  });

  test("the demonstration ERP keeps every promise of the port", async () => {
    expect(resultsOf(await verdictsOf(url))).toEqual(allPass);
  });

  test("what cannot be checked is said, and is no pass", async () => {
    const open = await startDemoErp({ latencyMs: 0, perLineMs: 0 });
    const verdicts = await verdictsOf(open.url, { customers: [], token: null }).finally(() => open.stop());
    const skipped = [...verdicts.values()].filter(({ result }) => result === "skip");
    expect(skipped.map(({ id }) => id)).toEqual(["credential", "prices-mixed", "prices-scope", "customers-record"]);
    for (const { reasons } of skipped) expect(reasons).toHaveLength(1);
  });

  test.each<[string, string, SpoiltPort["spoil"]]>([
    ["health", "is HTTP 503", onRoute("GET /v1/health", (answer) => set(answer, { status: 503 }))],
    ["credential", "lets everybody in", onRoute("GET /v1/customers/", (answer) => set(answer, { status: 404 }))],
    ["prices-echo", "echoes another customer", onPrices((lines) => set(lines, { customer: null }))],
    ["prices-echo", "leaves a line out", onPrices((lines) => lines.pop())],
    ["prices-echo", "answers a line twice", onPrices((lines) => lines.push({ ...lines[0] }))],
    ["prices-shape", "tells an amount as a number", onPrices((lines) => set(priced(lines), { unitPrice: 12.5 }))],
    [
      "prices-shape",
      "tells a gross price without its rate",
      onPrices((lines) => set(priced(lines), { taxBasis: "gross", taxRate: undefined })),
    ],
    [
      "prices-shape",
      "tells two tiers from one quantity",
      onPrices((lines) => set(priced(lines), { tiers: twoFromOne })),
    ],
    ["prices-unknown-sku", "fails the whole call for an unknown SKU", failFor("unknown")],
    ["prices-unknown-customer", "prices an unknown customer as the public", priceFor("unknown-customer")],
    [
      "prices-odd-text",
      "tells an SKU back decoded",
      onPrices((lines) => lines.map((line) => set(line, { sku: decodeURIComponent(String(line["sku"])) }))),
    ],
    [
      "prices-mixed",
      "prices a line by who else is asked",
      onPrices((lines, asked) => set(priced(lines), { unitPrice: String(asked.length) })),
    ],
    ["prices-500-lines", "takes 100 lines and no more", onPrices((lines) => lines.splice(100))],
    ["prices-currency", "answers in its own currency whatever it is asked in", priceFor("error")],
    [
      "prices-ladder",
      "says that one quantity's price is the whole ladder",
      onPrices((lines, asked) => {
        const quantityOf = (ref: unknown) => asked.find((line) => line["ref"] === ref)?.["quantity"];
        return priced(lines).map((line) => set(line, { tiers: [], unitPrice: quantityOf(line["ref"]) }));
      }),
    ],
    [
      "prices-scope",
      "prices two customers of a scope differently",
      onPrices((lines) =>
        set(
          priced(lines).filter(({ customer }) => customer === "C0016"),
          { tiers: [], unitPrice: "3.33" },
        ),
      ),
    ],
    [
      "prices-scope",
      "names another scope than the record",
      onPrices((lines) => set(priced(lines), { priceScope: "X" })),
    ],
    [
      "stock-echo",
      "tells a quantity as a number",
      onStock((items) => set(items, { warehouses: [{ code: "A", available: 3 }] })),
    ],
    [
      "stock-echo",
      "lists a warehouse twice",
      onStock((items) => set(items, { warehouses: [1, 2].map(() => ({ code: "A", available: "3" })) })),
    ],
    [
      "stock-unknown-sku",
      "leaves unknown SKUs out",
      onStock((items) => items.splice(0, items.length, ...items.filter(({ status }) => status === "found"))),
    ],
    ["stock-500-skus", "takes 100 SKUs and no more", onStock((items) => items.splice(100))],
    [
      "customers-record",
      "answers with another customer's record",
      onRoute("GET /v1/customers/", ({ json }) => set(json, { code: "C0001" })),
    ],
    [
      "customers-record",
      "tells a credit limit as a number",
      onRoute("GET /v1/customers/", ({ json }) => set(json, { creditLimit: 5000 })),
    ],
    [
      "customers-unknown",
      "answers an unknown customer with an empty record",
      onRoute("GET /v1/customers/PRICELANE", (answer) => set(answer, { status: 200 })),
    ],
    [
      "products-pages",
      "gives the first page again",
      onRoute("GET /v1/products", ({ json }) => set(json, { skus: ["A"] })),
    ],
    [
      "changes-begin",
      "tells changes that nobody can place",
      onRoute("GET /v1/changes", ({ json }) => set(json, { changes: [{ kind: "price" }] })),
    ],
    [
      "changes-lost",
      "answers a lost cursor with an empty page",
      onRoute("GET /v1/changes", (answer) => set(answer, { status: 200 })),
    ],
  ])("%s fails where the port %s", async (id, _, spoil) => {
    port.spoil = spoil;
    const verdict = (await verdictsOf(url)).get(id);
    expect(verdict?.result).toBe("fail");
    expect(verdict?.reasons.length).toBeGreaterThan(0);
    expect(verdict?.exchanges.length).toBeGreaterThan(0);
  });

  describe("the command", () => {
    let folder: string;
    let tokenFile: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "pricelane-conformance-"));
      tokenFile = join(folder, "token");
      await writeFile(tokenFile, `${token}\n`);
    });

    afterAll(() => rm(folder, { recursive: true }));

    /** @returns what it printed and its exit code, in a process of its own */
    async function run(...args: string[]): Promise<{ code: number | null; printed: string }> {
      const child = spawn(process.execPath, ["dist/src/cli/pricelane.js", "conformance", ...args]);
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          printed += chunk.toString("utf8");
        });
      }
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { code, printed };
    }

    test("exits with 0 where every promise is kept, and shows no token", async () => {
      const { code, printed } = await run("--url", url.href, "--token-file", tokenFile, "--customer", ...customers);
      expect(printed).toContain(`${allChecks.length} kept, 0 broken, 0 not checked`);
      expect(printed).not.toContain(token);
      expect(code).toBe(0);
    });

    test("exits with 1 where one is broken, and shows what was asked and got", async () => {
      port.spoil = onStock((items) => set(items, { warehouses: [{ code: "A", available: 3 }] }));
      const { code, printed } = await run("--url", url.href, "--token-file", tokenFile, "--customer", ...customers);
      expect(code).toBe(1);
      expect(printed).toMatch(/FAIL stock-echo[\s\S]*asked {2}POST \/v1\/stock[\s\S]*got {4}HTTP 200/);
    });

    test.each([
      ["nobody listens", ["--url", "http://127.0.0.1:4"], "no answer: ECONNREFUSED"],
      [
        "the token cannot be read",
        ["--url", "http://127.0.0.1:1", "--token-file", "/nowhere"],
        "--token-file /nowhere cannot be read",
      ],
      [
        "there are more customers than are any use",
        ["--url", "http://127.0.0.1:4", "--customer", ...Array.from({ length: 11 }, (_, index) => `C${index}`)],
        "10 customers are enough",
      ],
      ["the address is none", ["--url", "erp"], "It should be an address"],
      ["no address is given", [], "--url"],
    ])("exits with 2 where %s", async (_, args, message) => {
      const { code, printed } = await run(...args);
      expect(printed).toContain(message);
      expect(code).toBe(2);
    });

    test("its description bounds what it asks", async () => {
      const countCalls = () => Object.values(erp.stats().calls).reduce((sum, calls) => sum + calls, 0);
      const asked = countCalls();
      const ten = Array.from({ length: 10 }, (_, index) => `C${String(index + 1).padStart(4, "0")}`);
      await verdictsOf(url, { customers: ten });
      expect(conformanceCommand().description()).toContain("at most 100 calls");
      expect(countCalls() - asked).toBeLessThanOrEqual(100);
    });
  });
});

describe("the example of a shim in docs/erp/shim-example", () => {
  let shim: ChildProcess;
  let url: URL;

  beforeAll(async () => {
    shim = spawn(process.execPath, ["docs/erp/shim-example/shim.mjs"], {
      env: { ...process.env, ERP_TOKEN: token, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    url = await new Promise<URL>((resolve, reject) => {
      shim.once("exit", (code) => reject(new Error(`the shim ended with ${code}`)));
      shim.stdout?.once("data", (chunk: Buffer) =>
        resolve(new URL(/http:\S+/.exec(chunk.toString("utf8"))?.[0] ?? "")),
      );
    });
  });

  afterAll(() => {
    shim?.kill();
  });

  test("keeps every promise of the port but those about changes, of which it keeps none", async () => {
    const results = resultsOf(await verdictsOf(url, { customers: ["C1", "C2", "C3"] }));
    expect(results).toEqual({ ...allPass, "changes-begin": "skip", "changes-lost": "skip" });
  });
});
