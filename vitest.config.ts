import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // One project for what needs no engine, one for the real engine, plugin and simulator together, one for a real Debian.
    projects: [
      {
        test: {
          name: "deep",
          include: ["test/deep/**/*.test.ts"],
          testTimeout: 180_000,
          // A Debian is fetched.
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/deep/**"],
          // Long enough for a machine that is busy with something else; nothing here waits for time to pass.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/temporary-folder.ts",
          // These end what hangs, and measure nothing: a slow and busy machine takes five times as long as a good one.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
