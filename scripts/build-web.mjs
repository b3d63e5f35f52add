// Bundles the price element into one module that a shop serves as it is. `node scripts/build-web.mjs [file]`
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

await build({
  entryPoints: [path("shops/web/src/pricelane.ts")],
  outfile: process.argv[2] ?? path("shops/web/dist/pricelane.js"),
  tsconfig: path("shops/web/tsconfig.json"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  // Names that no page ever sees.
  mangleProps: /^(hasGuestText|retryAfterMs|onOtherCaller|onSettled|isOver)$/,
});
