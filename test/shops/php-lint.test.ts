import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeWith, parts } from "../support/parts.js";

const run = promisify(execFile);

/** PSR-12, but for what the shops ask otherwise (classes without a namespace, files that act when loaded) and the width of our lines. */
const others = [
  "PSR12.Files.FileHeader",
  "PSR1.Classes.ClassDeclaration",
  "PSR1.Files.SideEffects",
  "Generic.Files.LineLength",
];

async function lint(...paths: readonly string[]): Promise<string> {
  const options = ["-n", "--standard=PSR12", `--exclude=${others.join(",")}`, "--extensions=php", "--report=emacs"];
  const done = run(parts.phpcs ?? "", [...options, ...paths]).catch((error: { stdout: string }) => error);
  return (await done).stdout.trim();
}

describeWith("phpcs", "the PHP of the shops", () => {
  test("is clean by PHP_CodeSniffer (Debian has no PHPStan)", async () => {
    expect(await lint("shops/woocommerce", "shops/prestashop")).toBe("");
  });

  test("would be found out", async () => {
    expect(await lint("test/shops/unclean.php")).toMatch(/error - /);
  });
});
