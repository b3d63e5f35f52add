import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

/** What some tests need on the machine beyond the packages that npm always installs. */
export type Part =
  | "tryton"
  | "chromium"
  | "php"
  | "phpunit"
  | "phpcs"
  | "python"
  | "redis"
  | "sqlite"
  | "postgresql"
  | "mariadb"
  | "promtool"
  | "nginx"
  | "sprig";

interface PartPlace {
  /** The first that exists is taken. */
  readonly paths: readonly string[];
  readonly mend: string;
}

const places: Record<Part, PartPlace> = {
  tryton: {
    paths: ["/usr/bin/trytond"],
    mend: "apt-get install --no-install-recommends tryton-server and the modules that scripts/tryton/provision.sh names",
  },
  chromium: {
    paths: [process.env["CHROMIUM"] ?? "/usr/bin/chromium", "/usr/bin/chromium-browser"],
    mend: "apt-get install chromium, or name another one by CHROMIUM",
  },
  php: { paths: ["/usr/bin/php"], mend: "apt-get install php-cli" },
  phpunit: { paths: ["/usr/bin/phpunit"], mend: "apt-get install --no-install-recommends phpunit php-curl" },
  python: { paths: ["/usr/bin/python3"], mend: "apt-get install python3" },
  phpcs: { paths: ["/usr/bin/phpcs"], mend: "apt-get install --no-install-recommends php-codesniffer" },
  sqlite: {
    paths: [
      fileURLToPath(new URL("../../node_modules/better-sqlite3/build/Release/better_sqlite3.node", import.meta.url)),
    ],
    mend: "npm install better-sqlite3, on a machine that may fetch its prebuilt binary or has g++, make and python3 to compile it",
  },
  postgresql: {
    // Debian keeps its programs by version, out of the PATH.
    paths: [18, 17, 16, 15, 14, 13].map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
    mend: "apt-get install --no-install-recommends postgresql",
  },
  mariadb: {
    paths: ["/usr/sbin/mariadbd", "/usr/bin/mariadbd"],
    mend: "apt-get install --no-install-recommends mariadb-server",
  },
  redis: { paths: ["/usr/bin/valkey-server", "/usr/bin/redis-server"], mend: "apt-get install redis-server" },
  promtool: { paths: ["/usr/bin/promtool"], mend: "apt-get install prometheus" },
  nginx: { paths: ["/usr/sbin/nginx"], mend: "apt-get install nginx-light" },
  sprig: {
    paths: ["/usr/share/gocode/src/github.com/Masterminds/sprig"],
    mend: "apt-get install golang-go golang-github-masterminds-sprig-dev",
  },
};

/** The program's path by part; null where it is not installed. */
export const parts: Readonly<Record<Part, string | null>> = {
  tryton: find("tryton"),
  chromium: find("chromium"),
  php: find("php"),
  phpunit: find("phpunit"),
  phpcs: find("phpcs"),
  python: find("python"),
  redis: find("redis"),
  sqlite: find("sqlite"),
  postgresql: find("postgresql"),
  mariadb: find("mariadb"),
  promtool: find("promtool"),
  nginx: find("nginx"),
  sprig: find("sprig"),
};

function find(part: Part): string | null {
  return places[part].paths.find((path) => existsSync(path)) ?? null;
}

/**
 * As `describe`, for tests that need a part. Where it is missing they are skipped loudly; with CI=true that is a failure,
 * so that nobody takes for tested what never ran.
 */
export function describeWith(part: Part, title: string, tests: () => void): void {
  if (parts[part] !== null) {
    describe(title, tests);
    return;
  }
  const missing = `${part} is not installed: ${places[part].mend}`;
  if (process.env["CI"] === "true") {
    test(title, () => {
      throw new Error(`not tested, and CI must not pass over it: ${missing}`);
    });
    return;
  }
  console.warn(`\n  SKIPPED: ${title}. ${missing}\n`);
  describe.skip(`${title} (skipped: ${missing})`, tests);
}
