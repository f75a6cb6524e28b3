import { findProgram } from "../find-program.ts";
import type { Step } from "./run-steps.ts";

/** Root on a Debian machine (a container, CI) gets the programs that tests talk to; elsewhere those tests are skipped. */
export function installSteps(): Step[] {
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
    debootstrap: "debootstrap",
    ip: "iproute2",
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
