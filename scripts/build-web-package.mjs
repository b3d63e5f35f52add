// All that the npm module consists of, into shops/web/dist. Run by `npm pack` in shops/web.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const run = (...args) => execFileSync(process.execPath, args, { stdio: ["ignore", 2, 2] });

// Nothing that an older version left behind is packed.
rmSync(path("shops/web/dist/module"), { recursive: true, force: true });
run(path("scripts/build-web.mjs"));
run(createRequire(import.meta.url).resolve("typescript/bin/tsc"), "-p", path("shops/web/tsconfig.build.json"));
cpSync(path("schema/schema.graphql"), path("shops/web/dist/schema.graphql"));
cpSync(path("schema/messages"), path("shops/web/dist/messages"), { recursive: true });
// npm packs one that lies beside package.json alone.
cpSync(path("LICENSE"), path("shops/web/LICENSE"));
