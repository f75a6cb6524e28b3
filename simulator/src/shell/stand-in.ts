/** A program that a file stands for. */
export interface StandIn {
  readonly program: string;
  readonly version: string;
}

/** The text of a file that stands for a program: a real system would not know how to run it. */
export function standInText(program: string, version: string): string {
  return `#!simulated-program ${program} ${version}\nThis file stands for a program that cannot be had in the simulator.\n`;
}

/** What a file stands for; undefined for any other file. */
export function readStandIn(text: string): StandIn | undefined {
  const [, program, version] = /^#!simulated-program (\S+) (\S+)\n/.exec(text) ?? [];
  return program === undefined || version === undefined ? undefined : { program, version };
}
