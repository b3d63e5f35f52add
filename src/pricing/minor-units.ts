/**
 * Currencies whose own decimals are not two. Source: ISO 4217, list one (six-group.com), as it stood in 2025; funds and
 * metals, which have none, are left out.
 */
const exceptions: Readonly<Record<number, readonly string[]>> = {
  0: [
    ...["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"],
    ...["XAF", "XOF", "XPF"],
  ],
  3: ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"],
  4: ["CLF", "UYW"],
};

const minorUnits: ReadonlyMap<string, number> = new Map(
  Object.entries(exceptions).flatMap(([decimals, codes]) => codes.map((code) => [code, Number(decimals)])),
);

/** How many decimals an amount in this currency is paid with; 2 for a code that ISO 4217 does not know. */
export function minorUnitOf(currency: string): number {
  return minorUnits.get(currency) ?? 2;
}
