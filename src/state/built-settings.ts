import { z } from "zod";

/** How a guest is set up, as the state has it; what a run that was cut off does not know yet is undefined. */
export interface BuiltSettings {
  readonly bridge: string | undefined;
  readonly vlan: number | undefined;
  /** With the prefix length. */
  readonly address: string | undefined;
  readonly gateway: string | undefined;
  readonly dns: readonly string[];
  readonly firewall: boolean;
  readonly cores: number | undefined;
  readonly memoryMib: number | undefined;
  /** Of a container. */
  readonly swapMib: number | undefined;
  readonly distribution: string | undefined;
  /** Of a machine. */
  readonly cpuType: string | undefined;
  readonly balloonMib: number | undefined;
  readonly agent: boolean | undefined;
  /** Volume ID of the snippet that cloud-init reads in a machine. */
  readonly userData: string | undefined;
}

// The provider writes an empty text for what it does not know.
const text = z
  .string()
  .nullish()
  .transform((value) => (value === "" ? undefined : (value ?? undefined)));
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const flag = z.boolean().nullish();
const attached = z.array(z.object({ bridge: text, vlanId: number, firewall: flag })).nullish();
const Outputs = z.object({
  networkInterfaces: attached,
  networkDevices: attached,
  initialization: z
    .object({
      userDataFileId: text,
      dns: z.object({ servers: z.array(z.string()).nullish() }).nullish(),
      ipConfigs: z.array(z.object({ ipv4: z.object({ address: text, gateway: text }).nullish() })).nullish(),
    })
    .nullish(),
  cpu: z.object({ cores: number, type: text }).nullish(),
  memory: z.object({ dedicated: number, swap: number, floating: number }).nullish(),
  operatingSystem: z.object({ type: text }).nullish(),
  agent: z.object({ enabled: flag }).nullish(),
});

/** Reads the settings of a container or a machine. */
export function readSettings(outputs: unknown): BuiltSettings {
  const { networkInterfaces, networkDevices, initialization, ...guest } = Outputs.parse(outputs);
  const [network] = networkInterfaces ?? networkDevices ?? [];
  const [config] = initialization?.ipConfigs ?? [];
  return {
    bridge: network?.bridge,
    vlan: network?.vlanId,
    address: config?.ipv4?.address,
    gateway: config?.ipv4?.gateway,
    dns: initialization?.dns?.servers ?? [],
    firewall: network?.firewall ?? false,
    cores: guest.cpu?.cores,
    memoryMib: guest.memory?.dedicated,
    swapMib: guest.memory?.swap,
    distribution: guest.operatingSystem?.type,
    cpuType: guest.cpu?.type,
    balloonMib: guest.memory?.floating,
    agent: guest.agent?.enabled ?? undefined,
    userData: initialization?.userDataFileId,
  };
}
