import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../plan/steps.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");

/** What runs in guests and on nodes. */
export const stepScripts = {
  apply: read("state-of.sh") + read("apply-step.sh"),
  observe: read("state-of.sh") + read("observe-steps.sh"),
  forget: read("forget-step.sh"),
} as const;

/** Renders what a node runs to apply a step, which it reads from its standard input. */
export function renderApply(place: Place, step: string): string {
  return renderIn(place, stepScripts.apply, [step]);
}

/** Renders what a node runs to remove what a step has put there, if it is still of that revision. */
export function renderForget(place: Place, step: string, revision: number): string {
  return renderIn(place, stepScripts.forget, [step, String(revision)]);
}

/** Renders what a node runs to look after steps; it does not wait for a guest that does not run. */
export function renderObserve(place: Place): string {
  const command = shellCommand(stepScripts.observe, []);
  if (place.kind === "node") return command;
  if (place.kind === "container") return `pct exec ${place.vmid} -- ${command}`;
  return `qm guest exec ${place.vmid} --timeout 60 --pass-stdin 1 -- ${command}`;
}

function renderIn(place: Place, text: string, args: readonly string[]): string {
  const command = shellCommand(text, args);
  if (place.kind === "node") return command;
  return place.kind === "container" ? inContainer(place.vmid, command) : inMachine(place.vmid, command);
}

function shellCommand(text: string, args: readonly string[]): string {
  return ["sh", "-c", quote(text), "homelab", ...args.map(quote)].join(" ");
}

/** A container that was just started takes commands at once, but may have no network for a moment. */
function inContainer(vmid: number, command: string): string {
  return `exec pct exec ${vmid} -- ${command}`;
}

/** A machine takes commands once its agent answers, and is ready for them when cloud-init is done. */
function inMachine(vmid: number, command: string): string {
  return `set -eu
attempts=120
until qm guest cmd ${vmid} ping </dev/null >/dev/null 2>&1; do
  attempts=$((attempts - 1))
  if [ "$attempts" = 0 ]; then
    echo 'The guest agent of ${vmid} has not answered for ten minutes. Look at its console: is cloud-init done, is qemu-guest-agent running?' >&2
    exit 1
  fi
  sleep 5
done
qm guest exec ${vmid} --timeout 600 -- sh -c 'command -v cloud-init >/dev/null && cloud-init status --wait || true' </dev/null >/dev/null
answer=$(qm guest exec ${vmid} --timeout 3600 --pass-stdin 1 -- ${command})
told() { printf '%s\\n' "$answer" | sed -n 's/^ *"'"$1"'" : "\\(.*\\)",\\{0,1\\}$/\\1/p' | sed 's/\\\\"/"/g'; }
printf '%b' "$(told err-data)" >&2
printf '%b' "$(told out-data)"
printf '%s\\n' "$answer" | grep -q '"exitcode" : 0'`;
}

/** A word as a POSIX shell takes it, whatever is in it. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
