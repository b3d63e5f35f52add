import { describe, expect, test } from "vitest";
import { demoErpCommand, greeting } from "../../src/cli/demo-erp.js";
import { startDemoErp } from "../../src/erp/demo/demo-erp.js";

describe("demo-erp", () => {
  test("a value that is no number is refused before anything starts", async () => {
    const command = demoErpCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    await expect(command.parseAsync(["--skus", "many"], { from: "user" })).rejects.toThrow(/--skus.*'many' is invalid/);
  });

  test("a value out of bounds is refused in the ERP's own words", async () => {
    const command = demoErpCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    await expect(command.parseAsync(["--skus", "0"], { from: "user" })).rejects.toThrow("skus must be a whole number");
  });

  test("the greeting's first example, as printed, gets a price", async () => {
    const erp = await startDemoErp({ latencyMs: 0, token: "abc" });
    try {
      const [, header, url, body] = /curl -s -H '([^']+)' (\S+) -d '([^']+)'/.exec(greeting(erp, "abc")) ?? [];
      const [name = "", value = ""] = header?.split(": ") ?? [];
      const response = await fetch(url ?? "", { method: "POST", headers: { [name]: value }, body: body ?? "" });
      expect(await response.json()).toMatchObject({ lines: [{ status: "priced", customer: "C0004" }] });
    } finally {
      await erp.stop();
    }
  });
});
