import { CommandError, type Program } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { compareVersions } from "./debian-version.ts";
import type { SystemSoftware } from "./system.ts";

/** `dpkg -s`, `dpkg -l` and what scripts ask for besides. */
export function dpkgProgram({ packages }: SystemSoftware): Program {
  return ({ args, out, err }) => {
    if (args[0] === "--version") {
      out(`Debian 'dpkg' package management program version ${packages()["dpkg"] ?? "1.22.21"} (amd64).\n`);
      return 0;
    }
    if (args[0] === "--print-architecture") {
      out("amd64\n");
      return 0;
    }
    if (args[0] === "--compare-versions") return compare(args[1] ?? "", args[2] ?? "", args[3] ?? "");
    const { given, operands } = readOptions(args, "sl", ["status|s", "list|l"]);
    const installed = packages();
    if (given.has("l")) {
      const names = Object.keys(installed).filter((name) => operands.length === 0 || operands.includes(name));
      const missing = operands.filter((name) => installed[name] === undefined);
      if (names.length > 0)
        out(
          `${heading}${names
            .sort()
            .map((name) => row(name, installed[name] ?? ""))
            .join("")}`,
        );
      for (const name of missing) err(`dpkg-query: no packages found matching ${name}\n`);
      return missing.length > 0 && names.length === 0 ? 1 : 0;
    }
    if (!given.has("s")) throw new CommandError("the simulator does not know what this does", 2);
    let status = 0;
    for (const name of operands) {
      const version = installed[name];
      if (version === undefined) {
        err(`dpkg-query: package '${name}' is not installed and no information is available\n`);
        status = 1;
      } else out(`Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`);
    }
    return status;
  };
}

/** `dpkg-query -W -f='${Status}' NAME` */
export function dpkgQueryProgram({ packages, held }: SystemSoftware): Program {
  return ({ args, out, err }) => {
    const { given, operands } = readOptions(args, "Wf:s", ["show|W", "showformat=|f", "status|s"]);
    const format = given.get("f")?.replace(/^=/, "") ?? "${Package}\t${Version}\n";
    let status = 0;
    const names = operands.length === 0 ? Object.keys(packages()).sort() : operands;
    for (const name of names) {
      const version = packages()[name];
      if (version === undefined) {
        err(`dpkg-query: no packages found matching ${name}\n`);
        status = 1;
        continue;
      }
      const values: Readonly<Record<string, string>> = {
        Package: name,
        Version: version,
        Architecture: "amd64",
        Status: `${held().includes(name) ? "hold" : "install"} ok installed`,
        "db:Status-Status": "installed",
        "db:Status-Abbrev": held().includes(name) ? "hi " : "ii ",
      };
      out(format.replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => values[key] ?? "").replaceAll("\\n", "\n"));
    }
    return status;
  };
}

const heading =
  "Desired=Unknown/Install/Remove/Purge/Hold\n" +
  "| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n" +
  "|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n" +
  "||/ Name           Version      Architecture Description\n" +
  "+++-==============-============-============-=================================\n";

function row(name: string, version: string): string {
  return `ii  ${name.padEnd(14)} ${version.padEnd(12)} amd64        ${name}\n`;
}

function compare(left: string, operator: string, right: string): number {
  const order = compareVersions(left, right);
  const results: Readonly<Record<string, boolean>> = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
  };
  const result = results[operator];
  if (result === undefined) throw new CommandError(`the simulator does not know the comparison '${operator}'`, 2);
  return result ? 0 : 1;
}
