import { cpus, totalmem } from "node:os";
import { readToolchain } from "../stack-environment.ts";

/** What figures depend on, apart from the project. */
export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryGib: number;
  readonly node: string;
  readonly pulumi: string;
}

/** Reads what this machine is and runs. */
export function readMachine(): Machine {
  const [processor] = cpus();
  return {
    processors: cpus().length,
    model: processor?.model ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    pulumi: readToolchain().version,
  };
}

/** Renders what this machine is and runs as one line. */
export function renderMachine({ processors, model, memoryGib, node, pulumi }: Machine): string {
  return `${processors} processors (${model}), ${memoryGib} GiB of memory, Node.js ${node}, Pulumi ${pulumi}`;
}
