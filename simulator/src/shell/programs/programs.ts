import type { Program } from "../machine.ts";
import { filePrograms } from "./file-programs.ts";
import { systemPrograms } from "./system-programs.ts";
import { textPrograms } from "./text-programs.ts";
import { userPrograms } from "./user-programs.ts";

/** What every system has. */
export const commonPrograms: Readonly<Record<string, Program>> = {
  ...filePrograms,
  ...systemPrograms,
  ...textPrograms,
  ...userPrograms,
};
