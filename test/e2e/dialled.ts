import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../scripts/find-program.ts";

/** An attempt of a program to reach something, whether it came about or not. */
export interface Dialled {
  /** As strace names it: AF_INET, AF_INET6, AF_UNIX … */
  readonly family: string;
  /** An IP address, or the path of a socket. */
  readonly address: string;
  readonly port: number;
}

/** A run of a program, with all that it and the programs that it started have dialled. */
export interface RecordedRun {
  readonly code: number | null;
  readonly output: string;
  readonly dialled: readonly Dialled[];
}

/** Settings of a recorded run. */
export interface RecordOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Lets the system refuse every attempt, so that nothing leaves the machine whatever is dialled. */
  readonly refuse?: boolean;
  /** Is told what was printed so far. */
  readonly onOutput?: (output: string) => void;
}

const strace = findProgram("strace");

/** Why nothing can be recorded on this machine; undefined where it can. */
export function whyNotRecorded(): string | undefined {
  if (strace === undefined) return "no strace";
  return spawnSync(strace, ["-f", "-o", "/dev/null", "true"]).status === 0 ? undefined : "strace may not trace here";
}

/** Runs one of the project's scripts under strace, which sees static Go programs, too. */
export async function recordDialled(
  command: readonly string[],
  { cwd, input = "", environment = {}, refuse = false, onOutput }: RecordOptions,
): Promise<RecordedRun> {
  if (strace === undefined) throw new Error("There is no strace to record with.");
  const folder = mkdtempSync(join(tmpdir(), "dialled-"));
  const file = join(folder, "trace");
  // A datagram names its receiver when it is sent. Of what is sent not a byte is kept: there are passwords in it.
  const calls = ["-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none", "-s", "0"];
  const refusal = refuse ? ["-e", "inject=connect,sendto,sendmsg,sendmmsg:error=ENETUNREACH"] : [];
  try {
    const child = spawn(strace, ["-f", "--seccomp-bpf", "-qq", ...calls, ...refusal, "-o", file, ...command], {
      cwd,
      env: { ...process.env, ...environment },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        onOutput?.(output);
      });
    }
    child.stdin.end(input);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    });
    return { code, output, dialled: parseTrace(readFileSync(file, "utf8")) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads the addresses out of a trace of strace. */
export function parseTrace(trace: string): Dialled[] {
  return [...trace.matchAll(/\{sa_family=(\w+)([^}]*)\}/g)].map(([, family = "", rest = ""]) => ({
    family,
    address: /(?:inet_addr\(|inet_pton\(AF_INET6, |sun_path=@?)"([^"]*)"/.exec(rest)?.[1] ?? rest,
    port: Number(/port=htons\((\d+)\)/.exec(rest)?.[1] ?? 0),
  }));
}

/** Whether something stays on this machine. */
export function isLocal({ family, address, port }: Dialled): boolean {
  switch (family) {
    // The kernel, and the end of an association.
    case "AF_NETLINK":
    case "AF_UNSPEC":
      return true;
    // A socket in the file system. The C library asks nscd for users, too; systemd's resolver looks up hosts elsewhere.
    case "AF_UNIX":
      return !address.includes("/systemd/resolve/");
    // A resolver on loopback passes on what it is asked.
    case "AF_INET":
      return address.startsWith("127.") && port !== 53;
    case "AF_INET6":
      return /^(::1|::ffff:127\..*)$/.test(address) && port !== 53;
    default:
      return false;
  }
}
