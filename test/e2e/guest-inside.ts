import type { Simulator } from "@proxmox-homelab/simulator";
import { emptySystem } from "../../simulator/src/state/guest.ts";

/** A file in a simulated guest. */
export interface InsideFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** The inside of a simulated guest, to look at and to change behind everyone's back. */
export class GuestInside {
  readonly #simulator: Simulator;
  readonly #vmid: number;

  constructor(simulator: Simulator, vmid: number) {
    this.#simulator = simulator;
    this.#vmid = vmid;
  }

  node(): string {
    return this.#guest().node;
  }

  /** Leaves what a new guest has, as if somebody had made it anew under its own VMID. */
  empty(): void {
    this.#simulator.change(({ guests }) => {
      const guest = guests[this.#vmid];
      if (guest !== undefined) guest.inside = emptySystem();
    });
  }

  files(): InsideFile[] {
    return Object.entries(this.#guest().inside.files).flatMap(([path, entry]) =>
      entry.kind === "file"
        ? [{ path, mode: entry.mode, text: Buffer.from(entry.content, "base64").toString("utf8") }]
        : [],
    );
  }

  file(path: string): string | undefined {
    return this.files().find((file) => file.path === path)?.text;
  }

  /** Edits a file as somebody in the guest would. */
  write(path: string, text: string): void {
    this.#simulator.change(({ guests }) => {
      const files = guests[this.#vmid]?.inside.files;
      const entry = files?.[path];
      if (files === undefined || entry === undefined) throw new Error(`There is no ${path} in ${this.#vmid}.`);
      files[path] = { ...entry, content: Buffer.from(text).toString("base64") };
    });
  }

  isActive(unit: string): boolean {
    return this.#guest().inside.services[unit]?.active === true;
  }

  /** How often a unit was reloaded. */
  reloads(unit: string): number {
    const journal = this.#guest().inside.software?.journal ?? [];
    return journal.filter((line) => line.unit === `${unit}.service` && line.message.startsWith("Reloaded ")).length;
  }

  /** Lets a unit fail, work again or stop: `unit prometheus in 20011 stopped`. */
  unit(name: string, what: string): void {
    this.#simulator.incidents.tell(`unit ${name} in ${this.#vmid} ${what}`);
  }

  #guest() {
    const guest = this.#simulator.state.guests[this.#vmid];
    if (guest === undefined) throw new Error(`There is no guest ${this.#vmid}.`);
    return guest;
  }
}
