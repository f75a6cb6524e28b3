import type { Simulator } from "@proxmox-homelab/simulator";
import { describe, expect } from "vitest";
import { test } from "./simulator-test.ts";

const machines = "/nodes/pve-01/qemu";
const web = {
  vmid: "100",
  name: "web",
  memory: "2048",
  cores: "2",
  cpu: "x86-64-v2-AES",
  ostype: "l26",
  scsihw: "virtio-scsi-single",
  agent: "enabled=1",
  scsi0: "local-zfs:8,iothread=1,discard=on",
  net0: "virtio,bridge=vmbr0,tag=20,firewall=1",
};

function config(simulator: Simulator, vmid = 100): Promise<Record<string, unknown>> {
  return simulator.request("GET", `${machines}/${vmid}/config`);
}

describe("POST /nodes/{node}/qemu", () => {
  test("creates a machine with what Proxmox adds", async ({ simulator, run }) => {
    expect(await run("POST", machines, web)).toBe("OK");
    expect(await config(simulator)).toEqual({
      agent: "enabled=1",
      boot: "order=scsi0;net0",
      cores: 2,
      cpu: "x86-64-v2-AES",
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      memory: "2048",
      meta: "creation-qemu=10.1.2,ctime=1767225605",
      name: "web",
      net0: expect.stringMatching(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0,firewall=1,tag=20$/) as string,
      ostype: "l26",
      scsi0: "local-zfs:vm-100-disk-0,discard=on,iothread=1,size=8G",
      scsihw: "virtio-scsi-single",
      smbios1: expect.stringMatching(/^uuid=[0-9a-f-]{36}$/) as string,
      vmgenid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });
});
