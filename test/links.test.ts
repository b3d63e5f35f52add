import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const pages = execFileSync("git", ["ls-files", "*.md"], { encoding: "utf8" }).split("\n").filter(Boolean);
const sources = execFileSync("git", ["ls-files", "src", "schema", "loaders", "deploy", "shops", "scripts"], {
  encoding: "utf8",
}).split("\n");

const withoutCode = (text: string) => text.replaceAll(/^ *```.*?^ *```/gms, "").replaceAll(/`[^`\n]*`/g, "");

/** Where a heading is linked to, as GitHub has it; and what names itself by `<a id="…">`. */
function anchorsOf(page: string): Set<string> {
  const text = readFileSync(page, "utf8");
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => String(id)));
  for (const [, heading = ""] of text.replaceAll(/^ *```.*?^ *```/gms, "").matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
    for (let anchor = slug, count = 1; ; count += 1) {
      if (!anchors.has(anchor)) {
        anchors.add(anchor);
        break;
      }
      anchor = `${slug}-${count}`;
    }
  }
  return anchors;
}

function isDead(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (!existsSync(target)) return true;
  return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(anchor);
}

describe("the documentation's links", () => {
  test("between pages lead to a file that is there, and to a heading in it", () => {
    const links = pages.flatMap((page) =>
      [...withoutCode(readFileSync(page, "utf8")).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link]) => ({ page, link: String(link) }))
        .filter(({ link }) => !/^[a-z]+:/.test(link)),
    );
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ page, link }) => isDead(page, link))).toEqual([]);
  });

  test("from code, settings and messages name pages that are there", () => {
    const named = sources
      .filter((file) => /\.(ts|mjs|js|yaml|php|graphql|txt|json)$/.test(file))
      .flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/docs\/[\w/-]+\.md(?:#[\w-]+)?/g)].map(([link]) => ({ file, link })),
      );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ link }) => isDead("README.md", link))).toEqual([]);
  });

  test("would be told where one is dead", () => {
    expect(isDead("docs/feed.md", "settings.md")).toBe(false);
    expect(isDead("docs/feed.md", "setings.md")).toBe(true);
    expect(isDead("docs/feed.md", "#the-journal")).toBe(false);
    expect(isDead("docs/feed.md", "#the-journals")).toBe(true);
  });
});
