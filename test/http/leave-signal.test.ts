import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test, vi } from "vitest";
import { createExchange } from "../../src/http/exchange.js";
import { createLeaveSignal } from "../../src/http/leave-signal.js";

function setUp(state: { readonly closed?: boolean; readonly writableFinished?: boolean } = {}) {
  const response = Object.assign(new EventEmitter(), { closed: false, writableFinished: false, ...state });
  const exchange = createExchange("POST", 0);
  return { response, exchange, signal: createLeaveSignal(response as unknown as ServerResponse, exchange) };
}

test("a client that goes before it has its answer is told to all who read for it", () => {
  const { response, exchange, signal } = setUp();
  const first = signal();
  expect([first.aborted, signal()]).toEqual([false, first]);
  response.emit("close");
  expect([signal().aborted, exchange.hasLeft]).toEqual([true, true]);
});

test("one that went before anybody read for it is told at once", () => {
  const { exchange, signal } = setUp({ closed: true });
  expect([signal().aborted, exchange.hasLeft]).toEqual([true, true]);
});

test("one that has its answer has not left", () => {
  const { response, exchange, signal } = setUp();
  signal();
  response.writableFinished = true;
  response.emit("close");
  expect([signal().aborted, exchange.hasLeft]).toEqual([false, false]);
});

test("a request that waits for many reads makes no warning of a leak", async () => {
  const warn = vi.fn();
  process.on("warning", warn);
  const { signal } = setUp();
  for (let read = 0; read < 100; read++) signal().addEventListener("abort", () => {});
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", warn);
  expect(warn).not.toHaveBeenCalled();
});
