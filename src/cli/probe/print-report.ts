import type { Facts } from "./look-at-answers.js";
import type { ProbeReport } from "./probe-erp.js";
import { keysThatPay, propose } from "./propose.js";

/** What a probe found, for people. */
export function printReport(report: ProbeReport, connector: string): string {
  return [
    `${connector}: ${report.calls} calls made, at most ${report.peakInFlight} at once.`,
    "",
    "What it answers",
    ...factLines(report.facts).map((line) => `  ${line}`),
    `  an unknown SKU is ${report.unknownSku}`,
    "",
    "How long a call takes, one at a time",
    ...report.sizes.map(({ keys, ms }) => `  ${String(keys).padStart(5)} keys ${shownMs(ms)}`),
    ...lineLines(report).map((line) => `  ${line}`),
    "",
    `How much it bears, ${report.kneeKeys} keys a call`,
    ...report.knee.levels
      .toSorted((one, other) => one.concurrency - other.concurrency)
      .map(({ concurrency, perSecond, medianMs, trouble }) => {
        const measured = `${perSecond.toFixed(1).padStart(8)} calls a second, half of them within${shownMs(medianMs)}`;
        return `  ${String(concurrency).padStart(5)} at once ${trouble === null ? measured : `broken off: ${trouble}`}`;
      }),
    `  the knee is at ${report.knee.concurrency}${report.knee.isBound ? ", the most that was tried: see --max-concurrency" : ""}`,
    "",
    "Settings to begin with",
    ...propose(report).map(({ name, value, why }) => `  ${name}=${value}  # ${why}`),
    "",
  ].join("\n");
}

function factLines(facts: Facts): string[] {
  const { found, unknown, failures, decimals, taxBases, withoutTaxRate, currencies, wholeLadders } = facts;
  return [
    `${found} SKUs priced, ${unknown} unknown${failures.length === 0 ? "" : `, and errors: ${failures.slice(0, 3).join("; ")}`}`,
    `prices ${taxBases.join(" and ").toLowerCase()} of tax, in ${currencies.join(", ")}, with at most ${decimals} decimals`,
    withoutTaxRate === 0
      ? "every price has its tax rate"
      : `${withoutTaxRate} of ${found} prices have no tax rate, so their other side is unknown`,
    wholeLadders === found
      ? "every answer is a whole ladder: one call answers all quantities"
      : `${found - wholeLadders} of ${found} answers are for the asked quantity alone: each quantity costs a call`,
  ];
}

function lineLines(report: ProbeReport): string[] {
  const { line, keysPerCall, skus, firstMs, sizes, stockMs } = report;
  const lines: string[] = [];
  if (line !== null)
    lines.push(
      `about ${line.a.toFixed(1)} ms + ${line.b.toFixed(3)} ms a key (which explains ${Math.round(line.explains * 100)} % of the differences)`,
    );
  const pays = keysThatPay(report);
  const gain =
    pays === null ? "" : pays < keysPerCall ? `; beyond ${pays} a larger one gains little` : "; each more is worth it";
  lines.push(`the connector puts up to ${keysPerCall} keys into a call${gain}`);
  if (skus < keysPerCall)
    lines.push(`only ${skus} SKUs were to be had, so larger calls were not measured: name more with --sku`);
  if (stockMs !== null) lines.push(`a call of stock took${shownMs(stockMs)}`);
  const usualMs = sizes.at(-1)?.ms ?? firstMs;
  if (firstMs > 3 * usualMs) lines.push(`the very first call took${shownMs(firstMs)}: the ERP had to wake up`);
  return lines;
}

function shownMs(ms: number): string {
  return `${(ms < 10 ? ms.toFixed(1) : String(Math.round(ms))).padStart(7)} ms`;
}
