/** They have no place in a name, a code or a date, and would forge lines in logs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f]+/g;

export function hasControlCharacter(text: string): boolean {
  return text.search(controlCharacters) >= 0;
}

/** @returns the text with a space in the place of each row of control characters */
export function withoutControlCharacters(text: string): string {
  return text.replace(controlCharacters, " ");
}
