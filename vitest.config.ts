import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // As Node resolves it. By its "module" field graphql would be loaded twice, once for us and once for Apollo
    // Server, and the errors and schemas of the one are none to the other.
    alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }],
  },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    globalSetup: "tests/support/global-setup.ts",
    // Files of a worker share what they import: half of the time went into loading the same packages for each of them.
    isolate: false,
    // A runner with two cores would otherwise be given one.
    maxWorkers: "100%",
    testTimeout: 30_000,
    // Hooks start engines and publish releases.
    hookTimeout: 60_000,
  },
});
