import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readSettings } from "../src/read-settings.js";
import { answerRulesOf } from "../src/replicas.js";

const folder = mkdtempSync(join(tmpdir(), "pricelane-rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

const erpnext = {
  ...{ ERP_CONNECTOR: "erpnext", ERP_URL: "https://erp.example", ERP_TOKEN: "key:secret", ERPNEXT_COMPANY: "Company" },
  AUTH_SECRETS: `a:${"s".repeat(32)}`,
};
const rulesOf = (env: Readonly<Record<string, string>>) => answerRulesOf(readSettings(env));

describe("the rules by which replicas share answers", () => {
  test.each([
    ["ERPNEXT_PRICE_LIST", "Another list"],
    ["ERPNEXT_WAREHOUSES", "Another warehouse"],
    ["ERPNEXT_TAX_RATE", "0.2"],
  ])("are others where %s is", (name, value) => {
    expect(rulesOf({ ...erpnext, [name]: value })).not.toBe(rulesOf(erpnext));
  });

  test.each([
    ["ERP_TOKEN", "another:secret"],
    ["ERP_TIMEOUT_MS", "1234"],
    ["ERP_MAX_CONCURRENCY", "3"],
    ["PRICE_FRESH_SECONDS", "7"],
  ])("stay where %s alone is another, and hold no secret", (name, value) => {
    expect(rulesOf({ ...erpnext, [name]: value })).toBe(rulesOf(erpnext));
    expect(rulesOf(erpnext)).not.toContain("key:secret");
  });

  test("are others where the queries in the file are", () => {
    const file = join(folder, "queries.sql");
    const sql = {
      ...{ ERP_CONNECTOR: "sql", SQL_URL: "postgresql://db.example/erp", SQL_USER: "reader", SQL_QUERIES_FILE: file },
      AUTH_SECRETS: erpnext.AUTH_SECRETS,
    };
    writeFileSync(file, "SELECT 1");
    const before = rulesOf(sql);
    writeFileSync(file, "SELECT 2");
    expect(rulesOf(sql)).not.toBe(before);
  });
});
