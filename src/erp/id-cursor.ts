import { BadUserInput } from "../errors.js";

/**
 * The last id of a page before, where a list of products goes by ids; 0 for the first page.
 * @param erp as people name it @throws {BadUserInput} where it is none of ours
 */
export function parseIdCursor(after: string | null, erp: string): number {
  if (after === null) return 0;
  if (/^\d{1,10}$/.test(after)) return Number(after);
  throw new BadUserInput(`${JSON.stringify(after.slice(0, 80))} is no cursor of ${erp}'s products: begin anew`);
}
