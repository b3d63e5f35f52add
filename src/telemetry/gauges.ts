import { Gauge, type Registry } from "prom-client";
import type { AnswerKind } from "../pricing/source.js";
import { type GaugeName, gaugeLabels, gauges } from "./metric-names.js";

type Labels = { readonly kind?: AnswerKind };
type Reader = { readonly labels: Labels; readonly read: () => number };

/** Gauges that hold no value: who owns one is asked for it at each scrape. Returns how a reader is named. */
export function createGauges(registry: Registry) {
  const readers = new Map<GaugeName, Map<string, Reader>>();
  for (const [fullName, help] of Object.entries(gauges)) {
    const name = fullName.slice("pricelane_".length) as GaugeName;
    const named = new Map<string, Reader>();
    readers.set(name, named);
    registerGauge(registry, { name: fullName, help, labelNames: gaugeLabels[name] ?? [] }, named);
  }
  return (gauge: GaugeName, read: () => number, labels: Labels = {}): void => {
    readers.get(gauge)?.set(labels.kind ?? "", { labels, read });
  };
}

type Named = { readonly name: string; readonly help: string; readonly labelNames: readonly "kind"[] };

function registerGauge(registry: Registry, { name, help, labelNames }: Named, readers: Map<string, Reader>): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, read } of readers.values()) this.set(labels, read());
    },
  });
}
