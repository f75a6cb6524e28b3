import { spawn, type StdioOptions } from "node:child_process";
import { endEngine } from "./end-engine.ts";
import { readToolchain } from "./stack-environment.ts";

/** What a run of Pulumi has printed, as far as it was kept. */
export interface PulumiResult {
  readonly code: number;
  readonly output: string;
  readonly messages: string;
}

/** How the engine is started. */
export interface EngineStart {
  readonly folder: string;
  /** All of it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where what it says goes: to the user's terminal, there but not to who reads our output, nowhere but into the result, or to both. */
  readonly says: "to the terminal" | "as messages" | "to us" | "to both";
  /** What it reads, and nobody else sees. */
  readonly input?: string;
  /** Ends the run early. */
  readonly stopped?: AbortSignal | undefined;
}

/** Starts the engine that setup has provided, and waits for its end. */
export function startEngine(
  args: readonly string[],
  { folder: cwd, environment: env, says, input = "", stopped }: EngineStart,
): Promise<PulumiResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(readToolchain().pulumi, args, {
      cwd,
      env,
      stdio: stdioFor(says),
    });
    const result = { output: "", messages: "" };
    for (const [kind, stream] of [
      ["output", child.stdout],
      ["messages", child.stderr],
    ] as const) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        result[kind] += text;
        if (says === "to both") process.stdout.write(text);
      });
    }
    // An engine that does not read its input has ended with a message of its own.
    child.stdin?.on("error", () => undefined).end(input);
    const letGo =
      says === "to us"
        ? () => undefined
        : passSignals(says === "to both" ? (signal) => child.kill(signal) : () => undefined);
    stopped?.addEventListener("abort", () => {
      endEngine(child);
    });
    child.on("error", reject).on("close", (code) => {
      letGo();
      resolve({ code: code ?? 1, ...result });
    });
  });
}

function stdioFor(says: EngineStart["says"]): StdioOptions {
  if (says === "as messages") return ["inherit", process.stderr.fd, "inherit"];
  return says === "to the terminal" ? "inherit" : "pipe";
}

/** Outlives the signals that end the engine, which ends what it has begun; a terminal sends them to it, too. */
function passSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.off(signal, pass);
  };
}
