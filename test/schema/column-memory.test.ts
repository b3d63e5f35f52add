import "reflect-metadata";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { getOperationAST, getVariableValues, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { columnsOf } from "../../schema/page/page-columns.js";
import { createPagePlan } from "../../schema/page/page-plan.js";
import { TextMemory } from "../../schema/page/text-memory.js";
import { anonymous } from "../../src/pricing/caller.js";
import { createFreshWorld } from "./fresh-world.js";
import { schema } from "./request.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const query = 'query ($codes: [ID!]) { products(skus: ["A"]) { stock(warehouses: $codes) { status } } }';
const definition = getOperationAST(parse(query)) as OperationDefinitionNode;
const asker = createFreshWorld().contextFor(anonymous);
const planOf = () => createPagePlan(schema, definition, {}, new TextMemory());

function columnsFor(plan: ReturnType<typeof planOf>, codes: readonly string[]) {
  const { coerced = {} } = getVariableValues(schema, definition.variableDefinitions ?? [], { codes });
  return columnsOf(plan, coerced, asker);
}

test("what pages asked before is one object for all who ask the same", () => {
  const plan = planOf();
  expect(columnsFor(plan, ["MAIN"])).toBe(columnsFor(plan, ["MAIN"]));
  expect(columnsFor(plan, ["MAIN"])).not.toBe(columnsFor(plan, ["OTHER"]));
  expect(columnsFor(plan, ["MAIN"])).not.toBe(columnsFor(planOf(), ["MAIN"]));
});

test("a flood of lists of warehouses, over many documents, is not kept in memory", () => {
  const plans = Array.from({ length: 100 }, planOf);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const [number, plan] of plans.entries()) {
    for (let time = 0; time < 50; time++) {
      const codes = Array.from({ length: 50 }, (_, at) => `${number} ${time} ${at} ${"W".repeat(180)}`);
      columnsFor(plan, codes);
    }
  }
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  expect(plans).toHaveLength(100);
});
