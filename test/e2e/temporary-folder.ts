import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives all tests a folder for temporary files that goes with them: the engine leaves an empty one of its own for each run. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "e2e-"));
  process.env["TMPDIR"] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}
