/** Control characters, halves of surrogate pairs, private and unassigned ones, and line separators: no format of a marketplace takes them. */
const unwritable = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * Whether a marketplace would read an SKU as it is written. Blanks at its ends are among what it would not.
 * @param longest most characters it may have
 */
export function isPlainSku(sku: string, longest: number): boolean {
  return sku !== "" && sku.length <= longest && sku.trim() === sku && !unwritable.test(sku);
}
