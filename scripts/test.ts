import { checkSteps, goTestSteps } from "./check-steps.ts";
import { findProgram } from "./find-program.ts";
import { runSteps, vitestStep, type Step } from "./run-steps.ts";

// npm test [-- filters of vitest]: everything; with filters only the tests that they name.
const filters = process.argv.slice(2);
const steps =
  filters.length > 0
    ? [
        vitestStep("unit tests", "unit", ["--passWithNoTests", ...filters]),
        vitestStep("end-to-end tests", "e2e", ["--passWithNoTests", ...filters]),
      ]
    : [...installSteps(), ...checkSteps([]), ...goTestSteps(), vitestStep("end-to-end tests", "e2e", [])];
if (!(await runSteps(steps))) process.exitCode = 1;

/** Root on a Debian machine (a container, CI) gets the programs that tests talk to; elsewhere those tests are skipped. */
function installSteps(): Step[] {
  const canInstall = process.getuid?.() === 0 && findProgram("apt-get") !== undefined;
  const programs = {
    sshd: "openssh-server",
    chromium: "chromium",
    strace: "strace",
    // In Debian 13 promtool is a package of its own, which this one needs.
    promtool: "prometheus",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    shellcheck: "shellcheck",
    ruby: "ruby",
    curl: "curl",
    jq: "jq",
    "cloud-init": "cloud-init",
  };
  const missing = Object.entries(programs).filter(([program]) => findProgram(program) === undefined);
  if (missing.length === 0 || !canInstall) return [];
  const packages = missing.map(([, name]) => name).join(" ");
  // With this policy Debian does not start the servers that it installs.
  const install = `policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then printf '#!/bin/sh\\nexit 101\\n' > $policy; chmod +x $policy; trap "rm -f $policy" EXIT; fi
apt-get -qq update && apt-get -qq install -y --no-install-recommends ${packages}`;
  return [{ title: `Debian's ${packages} for the tests`, command: ["bash", "-c", install], quiet: true }];
}
