import { InventoryError } from "../src/inventory/inventory-error.ts";
import { StackError } from "./stack-settings.ts";

/**
 * What is said of an error: what the user can put right is said without a stack.
 * @param others kinds of errors besides those of stacks, inventories and command lines that the user can put right
 */
export function describeError(error: unknown, ...others: readonly (new (...args: never[]) => Error)[]): string {
  if (!(error instanceof Error)) return String(error);
  const isKnown = [StackError, InventoryError, ...others].some((kind) => error instanceof kind) || isWrongOption(error);
  return isKnown ? error.message : String(error.stack);
}

/** Whether it is about an option that a command does not have. */
export function isWrongOption(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
