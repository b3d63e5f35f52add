import { ErpBadAnswer } from "../../errors.js";

/** What is made, or why it cannot be: one row that cannot be read spoils no other one. */
export function orError<T>(make: () => T): T | ErpBadAnswer {
  try {
    return make();
  } catch (error) {
    if (error instanceof ErpBadAnswer) return error;
    throw error;
  }
}
