import { ErpBadAnswer } from "../errors.js";
import { type Failed, failed } from "../pricing/source.js";

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
