// Records of the stand-in for Odoo, and what its ORM makes of them. Sources: "ORM API" of Odoo's developer documentation
// (search domains, fields, reads) and what was seen of 18 and 19.

export type Values = Record<string, unknown>;
export type Context = Values;

/** How a value is kept, and whom it is shown to. */
export interface FieldSpec {
  readonly type: "char" | "float" | "integer" | "boolean" | "datetime" | "selection" | "many2one" | "many2many";
  readonly of?: string;
  readonly digits?: readonly [number, number] | false;
  /** A model that it is worked out of: who may not read that one may not read this field either (seen). */
  readonly from?: readonly [name: string, model: string];
  /** Only users with these rights may read it; a read that names it is refused as a whole (seen). */
  readonly group?: "invoicing";
  /** Worked out for each read, from the context. */
  readonly compute?: (row: Values, context: Context) => unknown;
}

export type Models = Record<string, Record<string, FieldSpec>>;
export type Data = Record<string, Values[]>;

/** An exception of Odoo's, by its Python name. */
export class Raised extends Error {
  constructor(
    readonly python: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Orm {
  readonly models: Models;
  readonly data: Data;
  readonly mayReadInvoicing: boolean;
  /** Models that the user may not read. */
  readonly forbidden: ReadonlySet<string>;
}

export function searchRead(orm: Orm, model: string, params: Values, context: Context): Values[] {
  const limit = typeof params["limit"] === "number" ? params["limit"] : Number.POSITIVE_INFINITY;
  const rows = search(orm, model, (params["domain"] ?? []) as unknown[], context).slice(0, limit);
  return rows.map((row) => readRow(orm, model, row, params["fields"] as string[], context));
}

export function search({ data, ...orm }: Orm, model: string, domain: unknown[], context: Context): Values[] {
  checkAccess({ data, ...orm }, model);
  const rows = (data[model] ?? []).filter((row) => row["active"] !== false || context["active_test"] === false);
  return rows.filter((row) => matches({ data, ...orm }, model, row, domain)).sort((a, b) => idOf(a) - idOf(b));
}

/** The name is `odoo.exceptions.AccessError` (seen). */
export function checkAccess({ models, forbidden }: Orm, model: string): void {
  if (models[model] === undefined) throw new Raised("odoo.exceptions.UserError", `Object ${model} doesn't exist`);
  if (forbidden.has(model)) {
    throw new Raised("odoo.exceptions.AccessError", notAllowed("access", "Its name", model));
  }
}

/** As Odoo says it to an English user (seen). */
export function notAllowed(to: "access" | "modify", name: string, model: string): string {
  return `You are not allowed to ${to} '${name}' (${model}) records.\n\nThis operation is allowed for the following groups:\n\t- Sales/Administrator`;
}

export function readRow(orm: Orm, model: string, row: Values, fields: string[], context: Context): Values {
  const told: Values = { id: row["id"] };
  for (const name of fields.filter((field) => field !== "id")) {
    const spec = orm.models[model]?.[name];
    if (spec === undefined) throw new Raised("builtins.ValueError", `Invalid field '${name}' on model '${model}'`);
    if (spec.group !== undefined && !orm.mayReadInvoicing) {
      throw new Raised("odoo.exceptions.AccessError", `The requested operation can not be completed due to ${name}`);
    }
    if (spec.from !== undefined && orm.forbidden.has(spec.from[1])) {
      throw new Raised("odoo.exceptions.AccessError", notAllowed("access", ...spec.from));
    }
    told[name] = toTold(orm, spec, spec.compute === undefined ? row[name] : spec.compute(row, context));
  }
  return told;
}

/** Empty values are `false`, a record that is pointed at comes with its name (seen). */
function toTold({ data }: Orm, spec: FieldSpec, value: unknown): unknown {
  if (spec.type === "many2one" && typeof value === "number") {
    const row = (data[spec.of ?? ""] ?? []).find(({ id }) => id === value);
    return [value, row?.["name"] ?? row?.["display_name"] ?? "?"];
  }
  if (spec.type === "many2many") return value ?? [];
  return value ?? (spec.type === "float" || spec.type === "integer" ? 0 : false);
}

function idOf(row: Values): number {
  return row["id"] as number;
}

/** A domain: terms in Polish notation, joined by "and" where nothing joins them. */
function matches(orm: Orm, model: string, row: Values, domain: unknown[]): boolean {
  const terms = [...domain];
  const take = (): boolean => {
    const term = terms.shift();
    if (term === "|") return [take(), take()].includes(true);
    if (term === "&") return ![take(), take()].includes(false);
    if (!Array.isArray(term) || term.length !== 3)
      throw new Raised("builtins.ValueError", `Invalid term ${String(term)}`);
    return holds(orm, model, row, term as [string, string, unknown]);
  };
  let all = true;
  while (terms.length > 0) all = take() && all;
  return all;
}

function holds(orm: Orm, model: string, row: Values, [field, operator, wanted]: [string, string, unknown]): boolean {
  const [first = field, ...rest] = field.split(".");
  if (rest.length > 0) {
    const of = orm.models[model]?.[first]?.of ?? "";
    const ids = [row[first]].flat();
    const pointedAt = (orm.data[of] ?? []).filter(({ id }) => ids.includes(id));
    return pointedAt.some((each) => holds(orm, of, each, [rest.join("."), operator, wanted]));
  }
  if (field !== "id" && orm.models[model]?.[field] === undefined) {
    throw new Raised("builtins.ValueError", `Invalid field ${model}.${field} in leaf`);
  }
  const many = row[field];
  const value = (Array.isArray(many) && many.length === 0 ? false : many) ?? false;
  switch (operator) {
    case "=":
      return value === wanted;
    case "!=":
      return value !== wanted;
    case "in":
      return [value].flat().some((each) => (wanted as unknown[]).includes(each));
    case ">":
      return value !== false && (value as number) > (wanted as number);
    case ">=":
      return value !== false && (value as string) >= (wanted as string);
    case "<":
      return value !== false && (value as string) < (wanted as string);
    case "child_of":
      return isUnder(orm, value as number, wanted as number[]);
    default:
      throw new Raised("builtins.ValueError", `Invalid operator ${operator}`);
  }
}

/** Places lie in places; the stand-in knows of no other tree. */
function isUnder(orm: Orm, place: number, roots: readonly number[]): boolean {
  if (roots.includes(place)) return true;
  const parent = (orm.data["stock.location"] ?? []).find(({ id }) => id === place)?.["location_id"];
  return typeof parent === "number" && isUnder(orm, parent, roots);
}
