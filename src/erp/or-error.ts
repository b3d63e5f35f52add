import { ErpBadAnswer, type ErpError } from "../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Outcome, type Unknown } from "../pricing/source.js";
import type { Row } from "./parse.js";

/** What is made, or why it cannot be: one row that cannot be read spoils no other one. */
export function orError<T>(make: () => T): T | ErpBadAnswer {
  try {
    return make();
  } catch (error) {
    if (error instanceof ErpBadAnswer) return error;
    throw error;
  }
}

/** As {@link orError}, for what is a key's outcome. */
export function orFailed<T>(make: () => T): T | Failed {
  const made = orError(make);
  return made instanceof ErpBadAnswer ? failed(made) : made;
}

/**
 * A key's outcome by the record that the ERP keeps of it.
 * @param record null or undefined where the ERP has none, an error where it could not be read
 */
export function outcomeOf<Answer>(
  record: Row | ErpError | null | undefined,
  what: Unknown["what"],
  call: ErpCall,
  toAnswer: (record: Row) => Answer,
): Outcome<Answer> {
  if (record === null || record === undefined) return { kind: "unknown", what, freshness: fromErp(call) };
  if (record instanceof Error) return failed(record);
  return orFailed(() => ({ kind: "found", answer: toAnswer(record), freshness: fromErp(call) }));
}
