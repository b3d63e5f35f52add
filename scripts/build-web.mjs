// Bundles the elements into modules that a shop serves as they are. `node scripts/build-web.mjs [folder]`
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const { outputFiles } = await build({
  entryPoints: {
    pricelane: path("shops/web/src/pricelane.ts"),
    "pricelane-stock": path("shops/web/src/pricelane-with-stock.ts"),
  },
  outdir: process.argv[2] ?? path("shops/web/dist"),
  tsconfig: path("shops/web/tsconfig.json"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  // Names that no page ever sees.
  mangleProps:
    /^(keepsText|retryAfterMs|onOtherCaller|isKnown|announce|topic|selection|quantityOf|stateOf|viewOf|renew|forget|restart|options|open|answers|skus|after|until|endpoint|read|locale|transport|visitor)$/,
  write: false,
});
for (const { path: file, contents } of outputFiles) {
  mkdirSync(dirname(file), { recursive: true });
  // In one step: a shop may be serving the file before.
  writeFileSync(`${file}.${process.pid}`, contents);
  renameSync(`${file}.${process.pid}`, file);
}
