import { format, parse } from "node:path";

/** The name of one of several files: `amazon.json` is cut into `amazon-1.json`, `amazon-2.json` … @param part from 1 */
export function partPath(out: string, part: number): string {
  const { dir, name, ext } = parse(out);
  return format({ dir, name: `${name}-${part}`, ext });
}
