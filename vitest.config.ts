import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/** Tests that start a server on loopback; `npm run check` leaves them out. */
const servers = [
  "test/{adopt,bootstrap,doctor,pipelines,report,toolchain}/**/*.test.ts",
  "test/failures/half-made.test.ts",
  "test/provision/node-session.test.ts",
  "test/services/influxdb.test.ts",
];
/**
 * Further edits end to end, for which `npm test` has no time: `npm run test:all` runs them, and so does naming one. What they rest on is
 * tested in `test/edits`, and `test/e2e/edits.test.ts` runs always.
 */
const nightly = ["test/e2e/{image,network,place,pool,storage}-edits.test.ts"];
const isNightly = process.env["HOMELAB_TEST_ALL"] !== undefined || process.argv.some((arg) => arg.includes("-edits"));
const withoutEngine = {
  // Modules are loaded once for all files of a worker: loading them took as long as the tests.
  isolate: false,
  pool: "threads",
  // By default one core is left to others, which on two cores is half of them.
  maxWorkers: 2,
  // Long enough for a machine that is busy with something else; nothing here waits for time to pass.
  testTimeout: 60_000,
} as const;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...servers, "test/deep/**", "test/e2e/**", "test/simulator/**"],
          ...withoutEngine,
        },
      },
      { test: { name: "servers", include: servers, ...withoutEngine } },
      { test: { name: "simulator", include: ["test/simulator/**/*.test.ts"], ...withoutEngine } },
      {
        // The real engine and provider with the simulator.
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: isNightly ? [] : nightly,
          globalSetup: "test/e2e/temporary-folder.ts",
          // These end what hangs, and measure nothing: a slow and busy machine takes five times as long as a good one.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // Each waits half of its time for another process, or for time to pass.
          maxWorkers: 3,
        },
      },
      {
        // Guests in a real Debian.
        test: {
          name: "deep",
          include: ["test/deep/**/*.test.ts"],
          testTimeout: 180_000,
          // A Debian is fetched.
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
