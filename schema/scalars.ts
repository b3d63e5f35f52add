import { type ASTNode, GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { isDecimal } from "../src/pricing/decimal.js";

interface TextScalar {
  readonly name: string;
  readonly description: string;
  readonly isValid: (text: string) => boolean;
  /** What a good value looks like, for the error. */
  readonly wanted: string;
}

/** A scalar that is a text both ways: nothing is read as a JavaScript number, and what goes out goes out as it is. */
function createTextScalar({ name, description, isValid, wanted }: TextScalar): GraphQLScalarType<string, string> {
  function parse(value: unknown, shown: string, node?: ASTNode): string {
    if (typeof value === "string" && isValid(value)) return value;
    throw new GraphQLError(`${name} should be ${wanted}, not ${shown.slice(0, 60)}.`, {
      nodes: node ?? null,
      extensions: { code: "BAD_USER_INPUT" },
    });
  }
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => value as string,
    parseValue: (value) => parse(value, JSON.stringify(value) ?? "nothing"),
    parseLiteral: (node: ValueNode) =>
      node.kind === Kind.STRING
        ? parse(node.value, JSON.stringify(node.value), node)
        : parse(undefined, "value" in node ? String(node.value) : node.kind, node),
  });
}

export const DecimalScalar = createTextScalar({
  name: "Decimal",
  description:
    'An exact decimal number in a string, such as "1249.900000": up to 15 digits and 6 decimals; never a float, never an exponent.',
  isValid: isDecimal,
  wanted: 'an exact decimal in a string, such as "12.50", with up to 15 digits and 6 decimals',
});

export const CurrencyScalar = createTextScalar({
  name: "Currency",
  description: 'An ISO 4217 currency code, such as "EUR".',
  isValid: (text) => /^[A-Z]{3}$/.test(text),
  wanted: 'an ISO 4217 code of three capital letters, such as "EUR"',
});

export const DateTimeScalar = createTextScalar({
  name: "DateTime",
  description: 'An instant in UTC, RFC 3339, such as "2026-11-24T09:30:00.000Z".',
  isValid: (text) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text)),
  wanted: 'an instant in UTC, such as "2026-11-24T09:30:00.000Z"',
});

export const DateScalar = createTextScalar({
  name: "Date",
  description: 'A calendar day, such as "2026-12-01".',
  isValid: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  wanted: 'a day, such as "2026-12-01"',
});

/** Seconds that were written, without their milliseconds: what is told names few of them, thousands of times. */
const writtenSeconds = new Map<number, string>();
const mostSeconds = 1_000;

/** @param instant ms since the epoch */
export function toDateTime(instant: number): string {
  const second = Math.floor(instant / 1000);
  let text = writtenSeconds.get(second);
  if (text === undefined) {
    text = new Date(second * 1000).toISOString().slice(0, -4);
    if (writtenSeconds.size === mostSeconds) writtenSeconds.clear();
    writtenSeconds.set(second, text);
  }
  return `${text}${String(Math.floor(instant) - second * 1000).padStart(3, "0")}Z`;
}
