import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { addImages, cloud, machines, web } from "./machine-requests.ts";
import { test as base } from "./simulator-test.ts";

const agent = `${machines}/100/agent`;
const userData = "#cloud-config\nhostname: web\npackages: [qemu-guest-agent]\n";

/** With a machine whose agent answers. */
const test = base.extend<{ guest: Simulator }>({
  guest: async ({ simulator, run }, use) => {
    addImages(simulator, userData);
    await run("POST", machines, { ...cloud, cicustom: "user=local:snippets/user.yaml", start: "1" });
    await use(simulator);
  },
});

describe("refuses", () => {
  base("where none is configured, none runs, or none answers", async ({ simulator, run }) => {
    addImages(simulator);
    const ping = () => simulator.request("POST", `${agent}/ping`);
    await run("POST", machines, web);
    await expect(ping()).rejects.toMatchObject({ status: 500, message: "No QEMU guest agent configured" });
    await simulator.request("PUT", `${machines}/100/config`, { agent: "1" });
    await expect(ping()).rejects.toMatchObject({ message: "VM 100 is not running" });
    await run("POST", `${machines}/100/status/start`);
    await expect(ping()).rejects.toMatchObject({ message: "QEMU guest agent is not running" });
  });

  test("while the machine is paused, and after it has stopped", async ({ guest, run }) => {
    const ping = () => guest.request("POST", `${agent}/ping`);
    expect(await ping()).toEqual({ result: {} });
    await run("POST", `${machines}/100/status/suspend`);
    await expect(ping()).rejects.toMatchObject({ message: "QEMU guest agent is not running" });
    await run("POST", `${machines}/100/status/stop`);
    await expect(ping()).rejects.toMatchObject({ message: "VM 100 is not running" });
  });

  test("until the next boot where it is configured while the machine runs", async ({ guest, run }) => {
    await guest.request("PUT", `${machines}/100/config`, { delete: "agent" });
    expect(await guest.request("POST", `${agent}/ping`)).toEqual({ result: {} });
    await run("POST", `${machines}/100/status/stop`);
    await run("POST", `${machines}/100/status/start`);
    await expect(guest.request("POST", `${agent}/ping`)).rejects.toMatchObject({
      message: "No QEMU guest agent configured",
    });
  });
});

describe("tells", () => {
  test("the addresses that cloud-init has set", async ({ guest }) => {
    const { result } = await guest.request<{ result: object[] }>("GET", `${agent}/network-get-interfaces`);
    expect(result).toMatchObject([
      { name: "lo", "ip-addresses": [{ "ip-address": "127.0.0.1" }, { "ip-address": "::1" }] },
      {
        name: "eth0",
        "hardware-address": "bc:24:11:00:00:01",
        "ip-addresses": [
          { "ip-address": "10.20.0.30", "ip-address-type": "ipv4", prefix: 24 },
          { "ip-address": "fe80::be24:11ff:fe00:1", "ip-address-type": "ipv6", prefix: 64 },
        ],
      },
    ]);
  });

  test("an address of DHCP that stays the same, of the VLAN", async ({ guest, run }) => {
    await guest.request("PUT", `${machines}/100/config`, { ipconfig0: "ip=dhcp" });
    const restart = async () => {
      await run("POST", `${machines}/100/status/stop`);
      await run("POST", `${machines}/100/status/start`);
      const { result } = await guest.request<{ result: { "ip-addresses": { "ip-address": string }[] }[] }>(
        "GET",
        `${agent}/network-get-interfaces`,
      );
      return result[1]?.["ip-addresses"][0]?.["ip-address"];
    };
    const address = await restart();
    expect(address).toMatch(/^10\.20\.0\.\d+$/);
    expect(await restart()).toBe(address);
  });

  test("its system, host name, time, file systems and processors", async ({ guest, clock }) => {
    const get = async (name: string) => (await guest.request<{ result: unknown }>("GET", `${agent}/${name}`)).result;
    expect(await get("get-osinfo")).toMatchObject({ id: "debian", "pretty-name": "Debian GNU/Linux 13 (trixie)" });
    expect(await get("get-host-name")).toEqual({ "host-name": "web" });
    expect(await get("get-time")).toBe(clock.now().getTime() * 1e6);
    expect(await get("get-timezone")).toEqual({ zone: "UTC", offset: 0 });
    expect(await get("get-fsinfo")).toMatchObject([{ mountpoint: "/", type: "ext4" }]);
    expect(await get("get-vcpus")).toEqual([{ "logical-id": 0, online: true, "can-offline": false }]);
    expect(await get("get-users")).toEqual([]);
    expect(await get("info")).toMatchObject({ version: "10.0.3" });
    expect(await guest.request("POST", agent, { command: "get-host-name" })).toEqual({
      result: { "host-name": "web" },
    });
  });
});

describe("does", () => {
  test("commands, whose outcome is asked for by their number", async ({ guest, clock }) => {
    const finish = async (parameters: Record<string, string>) => {
      const { pid } = await guest.request<{ pid: number }>("POST", `${agent}/exec`, parameters);
      for (;;) {
        clock.advance(1);
        const status = await guest.request<{ exited: number }>("GET", `${agent}/exec-status`, { pid: String(pid) });
        if (status.exited === 1) return status;
      }
    };
    expect(await finish({ command: "hostname" })).toEqual({ exited: 1, exitcode: 0, "out-data": "web\n" });
    expect(await finish({ command: "cat", "input-data": "through" })).toMatchObject({ "out-data": "through" });
    // Each byte is a character: what is in UTF-8 is to be decoded by the client.
    const { "out-data": umlauts } = (await finish({ command: "cat", "input-data": "größer" })) as {
      "out-data"?: string;
    };
    expect(Buffer.from(umlauts ?? "", "latin1").toString()).toBe("größer");
    expect(await finish({ command: "false" })).toEqual({ exited: 1, exitcode: 1 });
    await expect(guest.request("GET", `${agent}/exec-status`, { pid: "7" })).rejects.toMatchObject({
      message: "Agent error: Invalid parameter 'pid'",
    });
  });

  test("reading and writing of files", async ({ guest }) => {
    const write = (parameters: Record<string, string>) => guest.request("POST", `${agent}/file-write`, parameters);
    const read = (parameters: Record<string, string>) => guest.request("GET", `${agent}/file-read`, parameters);
    await write({ file: "/tmp/note", content: "hello" });
    expect(await read({ file: "/tmp/note" })).toEqual({ content: "hello", "bytes-read": 5 });
    expect(await read({ file: "/tmp/note", count: "2", offset: "1" })).toEqual({
      content: "el",
      "bytes-read": 2,
      truncated: 1,
    });
    await write({ file: "/tmp/note", content: Buffer.from("encoded").toString("base64"), encode: "0" });
    expect(await read({ file: "/tmp/note" })).toMatchObject({ content: "encoded" });
    await expect(read({ file: "/tmp/no" })).rejects.toMatchObject({
      message: "Agent error: failed to open file '/tmp/no' (mode: 'r'): No such file or directory",
    });
    await expect(write({ file: "/no/note", content: "" })).rejects.toMatchObject({
      message: "Agent error: failed to open file '/no/note' (mode: 'wb'): No such file or directory",
    });
  });

  test("freezing and thawing of file systems", async ({ guest }) => {
    const ask = async (what: string) =>
      (await guest.request<{ result: unknown }>("POST", `${agent}/fsfreeze-${what}`)).result;
    expect(await ask("status")).toBe("thawed");
    expect(await ask("freeze")).toBe(1);
    expect(await ask("status")).toBe("frozen");
    expect(await ask("thaw")).toBe(1);
    expect(await ask("status")).toBe("thawed");
    expect(await guest.request("POST", `${agent}/fstrim`)).toMatchObject({ result: { paths: [{ path: "/" }] } });
  });

  test("a password for a user that is there", async ({ guest }) => {
    const set = (username: string) =>
      guest.request("POST", `${agent}/set-user-password`, { username, password: "not-secret" });
    expect(await set("root")).toEqual({ result: {} });
    await expect(set("nobody-knows")).rejects.toMatchObject({
      message: "Agent error: child process has failed to set user password",
    });
  });

  test("the shutdown that Proxmox asks for", async ({ guest, run }) => {
    expect(await run("POST", `${machines}/100/status/shutdown`)).toBe("OK");
    expect(guest.state.guests[100]?.status).toBe("stopped");
  });
});
