import { series, wave, type Timeframe } from "../guest/rrd.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { describeContainer } from "./status.ts";

/** `GET …/rrddata`: what pvestatd would have measured, with nothing for the time before the last start. */
export function measurementsOf(world: World, guest: Guest, timeframe: Timeframe) {
  const { vmid, startedAt } = guest;
  const { cpus, maxmem, maxdisk } = describeContainer(world, guest);
  const load = (name: string, mean: number) => {
    const value = wave(`${vmid}/${name}`, mean);
    return (time: number) => (startedAt !== undefined && time >= startedAt ? value(time) : undefined);
  };
  const always = (value: number) => () => value;
  return series(world.seconds(), timeframe, {
    maxcpu: always(cpus),
    maxmem: always(maxmem),
    maxdisk: always(maxdisk),
    cpu: load("cpu", 0.02),
    mem: load("mem", maxmem * 0.2),
    memhost: load("mem", maxmem * 0.2),
    disk: load("disk", maxdisk / 10),
    netin: load("netin", 400),
    netout: load("netout", 60),
    diskread: load("diskread", 1000),
    diskwrite: load("diskwrite", 100),
    pressurecpusome: load("pressurecpusome", 0),
    pressurecpufull: load("pressurecpufull", 0),
    pressureiosome: load("pressureiosome", 0),
    pressureiofull: load("pressureiofull", 0),
    pressurememorysome: load("pressurememorysome", 0),
    pressurememoryfull: load("pressurememoryfull", 0),
  });
}
