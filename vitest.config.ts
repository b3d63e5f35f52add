import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// graphql refuses to meet a second copy of itself. Node loads its CommonJS files, Vite would load its modules for our own
// sources: both must take the same.
const graphql = fileURLToPath(new URL("./node_modules/graphql/index.js", import.meta.url));

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    include: ["test/**/*.test.ts"],
    // What was skipped is named last, where it is seen.
    reporters: ["default", "./test/support/skipped-reporter.ts"],
    // A real ERP and a real browser take their time to start; nothing here measures.
    testTimeout: 30_000,
    hookTimeout: 240_000,
  },
});
