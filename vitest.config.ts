import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A real ERP and a real browser take their time to start; nothing here measures.
    testTimeout: 30_000,
    hookTimeout: 240_000,
  },
});
