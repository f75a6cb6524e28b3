// The simulator in a process of its own, with many guests; tells its parent where it is and what it takes.
import { saveMemory } from "../src/save-memory.ts";
import { startSimulator } from "../src/simulator.ts";
import { emptyFirewall } from "../src/state/cluster.ts";
import { emptySystem } from "../src/state/guest.ts";

// Not awaited: what Node keeps compiled cannot wait at its top.
void main();

async function main(): Promise<void> {
  const guests = Number(process.argv[2] ?? 1000);
  const before = performance.now();
  const simulator = await startSimulator();
  const startMilliseconds = performance.now() - before;
  saveMemory();

  simulator.change((state) => {
    for (let vmid = 100; vmid < 100 + guests; vmid++) {
      state.guests[vmid] = {
        type: "lxc",
        vmid,
        node: vmid % 2 === 0 ? "pve-01" : "pve-02",
        status: "running",
        startedAt: Math.floor(Date.now() / 1000),
        config: {
          arch: "amd64",
          cores: "2",
          hostname: `guest-${vmid}`,
          memory: "1024",
          net0: "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth",
          ostype: "debian",
          rootfs: `local-zfs:subvol-${vmid}-disk-0,size=8G`,
          swap: "512",
          tags: "bench",
          unprivileged: "1",
        },
        pending: {},
        snapshots: {},
        firewall: emptyFirewall(),
        inside: emptySystem(`guest-${vmid}`),
      };
    }
  });

  const { state } = simulator;
  simulator.change((draft) => {
    draft.guests = {};
  });
  const beforeReset = performance.now();
  simulator.reset(state);
  const resetMilliseconds = performance.now() - beforeReset;

  process.on("message", () => {
    process.send?.({ resident: process.memoryUsage.rss() });
  });
  process.once("disconnect", () => void simulator.close());
  const { url, ca, apiToken } = simulator;
  process.send?.({ url, ca, apiToken, startMilliseconds, resetMilliseconds });
}
