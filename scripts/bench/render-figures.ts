import Table from "cli-table3";
import type { InventoryFigures } from "./measure.ts";

/** Draws the figures of one inventory as a table. */
export function renderFigures({ inventory, guests, resources, steps, runs }: InventoryFigures): string {
  const table = new Table({
    head: ["", "Time", "Start", "Requests", "Waited for", "Program", "Engine", "Plugins"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const { run, seconds, startSeconds, requests, processor } of runs) {
    table.push([
      run,
      renderSeconds(seconds),
      renderSeconds(startSeconds),
      `${requests.count}, ${renderSeconds(requests.summedSeconds)}`,
      renderSeconds(requests.busySeconds),
      renderSeconds(processor?.program),
      renderSeconds(processor?.engine),
      renderSeconds(processor?.plugins),
    ]);
  }
  return `The inventory ${inventory === "as shipped" ? inventory : `with ${inventory}`}: ${guests} guests, ${resources} resources, of which ${steps} are steps over SSH\n${table.toString()}\n`;
}

/** Says what the columns mean. */
export const legend = `Time        from the command to its end
Start       of that, until the first resource is worked on: engine, program and plugins start
Requests    to the API, and their times summed up, though many are under way at once
Waited for  how long at least one request was under way
Program, Engine, Plugins: processor time of Node.js, of Pulumi and its language host, and of the provider
`;

function renderSeconds(seconds: number | undefined): string {
  return seconds === undefined ? "–" : `${seconds.toFixed(1)} s`;
}
