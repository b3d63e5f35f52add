import { ErpBadAnswer, type ErpError, ErpOverloaded } from "../../errors.js";
import { withoutControlCharacters } from "../../pricing/control-characters.js";

/** Tryton ran the call and said no: fewer products in one call may get an answer. */
export class TrytonRefused extends ErpBadAnswer {}

// Words of SQLite and PostgreSQL that pass by themselves, which Tryton hands through as they are.
const passing = /database is locked|could not serialize access|deadlock detected|too many clients/i;

/**
 * What the `error` of an answer means, HTTP 200 or not.
 * @param error `["UserError", [text, description, domain]]`, or `[text, traceback]` for what Tryton did not foresee
 */
export function toTrytonError(error: unknown): ErpError {
  const text = toText(error);
  if (passing.test(text)) return new ErpOverloaded(`Tryton's database: ${text}`, { countsAsFailure: true });
  return new TrytonRefused(`Tryton refuses the call: ${text}`);
}

// The traceback in the second place shows code, paths and values: it goes nowhere.
function toText(error: unknown): string {
  if (!Array.isArray(error)) return "without a reason";
  const [first, second] = error as unknown[];
  const reason = Array.isArray(second) ? `${String(first)}: ${String(second[0])}` : String(first);
  return withoutControlCharacters(reason).slice(0, 200);
}
