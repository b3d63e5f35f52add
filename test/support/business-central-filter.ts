/** One record, as a list of the API tells it. */
export type BcRecord = Readonly<Record<string, unknown>>;

const condition = /(\w+) (eq|gt) ('(?:[^']|'')*'|[^\s]+)(?: (and|or) |$)/gy;

interface Condition {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
}

/** Conditions that are all joined by `and`, or all by `or`: Business Central takes `or` on one field alone. */
export function parseFilter(text: string): { readonly all: boolean; readonly conditions: readonly Condition[] } {
  const conditions: Condition[] = [];
  const joints = new Set<string>();
  condition.lastIndex = 0;
  while (condition.lastIndex < text.length) {
    const match = condition.exec(text);
    if (match === null) throw new Error(`a filter that Business Central would not take: ${text}`);
    const [, field = "", operator = "", raw = "", joint] = match;
    const value = raw.startsWith("'") ? raw.slice(1, -1).replaceAll("''", "'") : raw;
    conditions.push({ field, operator, value });
    if (joint !== undefined) joints.add(joint);
  }
  const fields = new Set(conditions.map(({ field }) => field));
  if (joints.size > 1 || (joints.has("or") && fields.size > 1)) throw new Error(`or over several fields: ${text}`);
  return { all: !joints.has("or"), conditions };
}

/** The rows of a list that a query asks for. */
export function answerQuery(records: readonly BcRecord[], query: URLSearchParams): BcRecord[] {
  const { all, conditions } = parseFilter(query.get("$filter") ?? "");
  const holds = (record: BcRecord) => {
    const held = conditions.map((each) => isHeld(record, each));
    return all ? held.every(Boolean) : held.some(Boolean);
  };
  const [field, direction] = (query.get("$orderby") ?? "").split(" ");
  const rows = records.filter(holds);
  if (field !== undefined && field !== "") rows.sort((a, b) => (comparable(a[field]) < comparable(b[field]) ? -1 : 1));
  if (direction === "desc") rows.reverse();
  const names = query.get("$select")?.split(",");
  return rows
    .slice(0, Number(query.get("$top") ?? rows.length))
    .map((row) => (names === undefined ? row : pick(row, names)));
}

function pick(row: BcRecord, names: readonly string[]): BcRecord {
  const strange = names.find((name) => !(name in row));
  if (strange !== undefined) throw new Error(`Could not find a property named '${strange}'`);
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

/** Codes are compared in capitals, as fields of AL's type Code are. */
function isHeld(record: BcRecord, { field, operator, value }: Condition): boolean {
  if (!(field in record)) throw new Error(`Could not find a property named '${field}'`);
  const own = comparable(record[field]);
  return operator === "eq" ? own === comparable(value) : own > comparable(value);
}

function comparable(value: unknown): string {
  const text = String(value).toUpperCase();
  const [, instant, fraction = ""] = /^(\d{4}-\d\d-\d\dT[\d:]{8})(?:\.(\d+))?Z$/.exec(text) ?? [];
  return instant === undefined ? text : `${instant}.${fraction.padEnd(7, "0")}`;
}
