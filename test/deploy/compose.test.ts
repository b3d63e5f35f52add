import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { printSettings } from "../../src/settings.js";

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

describe.each(["compose.yaml", "compose.fleet.yaml"])("deploy/%s", (file) => {
  const { services } = parse(readFileSync(`deploy/${file}`, "utf8"), { merge: true }) as {
    services: Record<string, Service>;
  };

  test("sets only variables that there are", () => {
    const set = Object.values(services).flatMap(({ environment }) => Object.keys(environment ?? {}));
    expect(set.length).toBeGreaterThan(0);
    for (const variable of set) expect(printSettings()).toContain(`\`${variable}\``);
  });

  test("mounts only files that there are, and waits only for services that there are", () => {
    for (const { volumes = [], depends_on = {} } of Object.values(services)) {
      for (const volume of volumes) expect(existsSync(join("deploy", volume.split(":")[0] ?? ""))).toBe(true);
      for (const name of Object.keys(depends_on)) expect(services).toHaveProperty(name);
    }
  });
});

test("the proxy knows each replica of the fleet, and no other", () => {
  const { services } = parse(readFileSync("deploy/compose.fleet.yaml", "utf8"), { merge: true }) as {
    services: Record<string, Service>;
  };
  const replicas = Object.keys(services).filter((name) => name.startsWith("gateway-"));
  const known = [...readFileSync("deploy/nginx.conf", "utf8").matchAll(/server (gateway-\d):4000/g)].map(
    ([, name]) => name,
  );
  expect(known).toEqual(replicas);
});
