import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildSchema, type DocumentNode, print, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @ts-expect-error a script without types
import { printOperations } from "../../../scripts/print-operations.mjs";
import * as client from "../../../shops/web/src/pricelane-client.js";
import { errorCodes } from "../../../src/errors.js";
import { launchBrowser } from "../../support/browser.js";
import { GatewayProcess } from "../../support/gateway-process.js";
import { authSecrets, buyer } from "../../support/graphql-client.js";
import { describeWith } from "../../support/parts.js";
import { WebShop } from "./web-shop.js";
import { sessionOf } from "./web-stage.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("shops/web/package.json")) as { version: string };
const documents = Object.entries(client).filter(([name]) => name.endsWith("Document")) as unknown as [
  string,
  DocumentNode,
][];

describe("the typed operations", () => {
  test("are what the schema and the operations give: after a change of either, npm run print", async () => {
    expect(await printOperations(errorCodes)).toBe(read("shops/web/src/client/operations.ts"));
  });

  test("are valid against the contract, and their text is their tree", () => {
    const schema = buildSchema(read("schema/schema.graphql"));
    expect(documents.length).toBeGreaterThan(7);
    for (const [, document] of documents) {
      expect(validate(schema, document)).toEqual([]);
      expect(print(document).replace(/\W/g, "")).toBe(document.loc?.source.body.replace(/\W/g, ""));
    }
  });

  test("the module's version is the gateway's", () => {
    expect(manifest.version).toBe((JSON.parse(read("package.json")) as { version: string }).version);
  });
});

describe("the packed module in a storefront that was installed without a network", () => {
  const project = mkdtempSync(join(tmpdir(), "pricelane-storefront-"));
  const npm = (cwd: string, ...args: string[]) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: "pipe" });
  const pack = (folder: string) =>
    `./${npm(project, "pack", "--silent", join(root, folder)).trim().split("\n").at(-1)}`;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    // As a registry would give them: what the module depends on comes out of our own node_modules.
    const dependencies = {
      "@pricelane/web": pack("shops/web"),
      "@graphql-typed-document-node/core": pack("node_modules/@graphql-typed-document-node/core"),
      graphql: pack("node_modules/graphql"),
    };
    const tarballs = Object.fromEntries(Object.entries(dependencies).map(([name, file]) => [name, `file:${file}`]));
    const about = { name: "storefront", private: true, type: "module", dependencies: tarballs };
    writeFileSync(join(project, "package.json"), JSON.stringify(about));
    // With a cache of its own, so that nothing that happens to be kept on this machine helps.
    npm(
      project,
      "install",
      "--offline",
      "--cache",
      join(project, ".npm"),
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    );
    gateway = await GatewayProcess.start({ AUTH_SECRETS: authSecrets });
  });
  afterAll(() => gateway?.stop());

  /** @returns what the compiler complains of */
  function compile(files: Readonly<Record<string, string>>): string {
    const source = join(project, "src");
    mkdirSync(source, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(source, name), text);
    const options = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
    const modules = ["--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom"];
    const tsc = [join(root, "node_modules/typescript/bin/tsc"), ...options, ...modules, "--outDir", "out"];
    try {
      execFileSync(process.execPath, [...tsc, ...Object.keys(files).map((name) => join("src", name))], {
        cwd: project,
        encoding: "utf8",
      });
      return "";
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }
  const example = () => /```ts\n(.*?)```/s.exec(read("docs/shops/headless.md"))?.[1] ?? "";

  // The compiler takes its time on a busy machine.
  const compilerMs = 120_000;

  test(
    "the page's example passes the strict compiler and shows the demonstration ERP's prices",
    async () => {
      const runner = `import { readList } from "./example.js";
      declare const process: { argv: string[] };
      const [, , url = "", token = ""] = process.argv;
      const lists = [await readList(url, ["ELEC-00001", "NO-SUCH"], null), await readList(url, ["ELEC-00001"], token)];
      console.log(JSON.stringify(lists));`;
      expect(compile({ "example.ts": example(), "run.ts": runner })).toBe("");
      const run = (...args: string[]) =>
        execFileSync(process.execPath, [join(project, "out/run.js"), ...args], { encoding: "utf8", stdio: "pipe" });
      const [guests, own] = JSON.parse(run(`${gateway.url}/graphql`, buyer("C0004"))) as Record<string, unknown>[][];
      expect(guests).toEqual([
        {
          price: { amount: expect.stringMatching(/^\d+\.\d+$/), currency: "EUR" },
          isLastKnown: false,
          stock: expect.stringMatching(/^[A-Z_]+$/),
        },
        { price: "on request", isLastKnown: false, stock: "unknown" },
      ]);
      expect(own?.[0]?.["price"]).not.toEqual(guests?.[0]?.["price"]);
      expect(() => run(`${gateway.url}/graphql`, "no-token")).toThrow(/UNAUTHENTICATED/);
    },
    compilerMs,
  );

  test(
    "the compiler refuses variables and fields that the contract does not have, and knows the elements",
    () => {
      const right = [
        `import { createClient, CustomerDocument, PricesDocument } from "@pricelane/web/client";`,
        `import "@pricelane/web/stock";`,
        `const pricelane = createClient({ url: "http://127.0.0.1/graphql" });`,
        `await pricelane.ask(CustomerDocument);`,
        `document.querySelector("pricelane-stock")?.dataset;`,
        `const result = await pricelane.ask(PricesDocument, { skus: ["A"] });`,
        `if (result.kind !== "answered") throw new Error(result.kind);`,
      ];
      const wrong = [
        `await pricelane.ask(PricesDocument);`,
        `await pricelane.ask(PricesDocument, { sku: "A" });`,
        `await pricelane.ask(PricesDocument, { skus: ["A"], quantity: 2 });`,
        `result.data.products[0].price;`,
        `result.data.products[0]?.price?.cost;`,
      ];
      const complaints = compile({ "wrong.ts": [...right, ...wrong].join("\n") });
      const lines = [...complaints.matchAll(/^src\/wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line));
      expect(lines).toEqual(wrong.map((_, at) => right.length + at + 1));
      expect(complaints).toContain("'sku' does not exist");
    },
    compilerMs,
  );

  async function bundle(contents: string): Promise<string> {
    const stdin = { contents, resolveDir: project };
    const { outputFiles } = await build({ stdin, bundle: true, format: "esm", write: false });
    return outputFiles[0]?.text ?? "";
  }

  test("a bundler takes what is used alone, and the elements with all that they do at their loading", async () => {
    const asking = await bundle(`import { createClient, PricesDocument } from "@pricelane/web/client";
      console.log(createClient, PricesDocument);`);
    expect(asking).toContain("query Prices(");
    expect(asking).not.toContain("query Feed(");
    const elements = await bundle(`import "@pricelane/web/stock";`);
    for (const name of ["pricelane-price", "pricelane-stock", "Rupture de stock"]) expect(elements).toContain(name);
    expect(await bundle(`import "@pricelane/web";`)).not.toContain("Rupture de stock");
  });

  describeWith("chromium", "bundled into a storefront's own script", () => {
    test("the elements show a customer's price and stock by one question", async () => {
      const script = await bundle(`import { configure } from "@pricelane/web/stock";
      configure({ messages: { en: { countInStock: "{count} on our shelves" } } });`);
      const shop = await WebShop.start(script);
      const own = await GatewayProcess.start({ AUTH_SECRETS: authSecrets, CORS_ORIGINS: shop.origin });
      const browser = await launchBrowser();
      try {
        shop.gateway = own.url;
        shop.session = sessionOf("C0004");
        shop.elements = `<pricelane-price data-sku="PLOM-00001">1 €</pricelane-price>
        <pricelane-stock data-sku="PLOM-00001" data-count data-low="0"></pricelane-stock>`;
        const { page, requested, complaints } = await browser.openPage();
        await page.goto(shop.origin);
        await page.locator("pricelane-price[state=own]").waitFor();
        await page.locator("pricelane-stock:not([state=waiting])").waitFor();
        const told = await page.evaluate<string>(`document.querySelector("pricelane-stock").shadowRoot.textContent`);
        expect(told).toMatch(/ on our shelves$|^Out of stock|^On back-order/);
        expect(requested.filter((address) => address.startsWith(own.url))).toHaveLength(1);
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
        await own.stop();
        await shop.stop();
      }
    });
  });

  test("all that it says it exports is there", () => {
    const installed = join(project, "node_modules/@pricelane/web");
    expect(readdirSync(join(installed, "dist/messages")).sort()).toEqual(["en.json", "fr.json"]);
    expect(readFileSync(join(installed, "dist/schema.graphql"), "utf8")).toBe(read("schema/schema.graphql"));
    const names = [
      "",
      "/stock",
      "/client",
      "/pricelane.js",
      "/pricelane-stock.js",
      "/schema.graphql",
      "/messages/fr.json",
    ];
    const script = `for (const name of ${JSON.stringify(names)}) import.meta.resolve("@pricelane/web" + name);
      await import("@pricelane/web"); await import("@pricelane/web/stock");`;
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: project });
  });
});
