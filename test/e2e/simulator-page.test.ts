import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";

const executablePath = findProgram("chromium");
const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

describe.skipIf(executablePath === undefined)("the simulator's page in Chromium (skipped where there is none)", () => {
  const profile = mkdtempSync(join(tmpdir(), "chromium-profile-"));
  let browser: BrowserContext;
  let simulator: Simulator;
  let page: Page;
  /** What must stay empty: errors of the console, and requests to anywhere else. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: executablePath ?? "",
      headless: true,
      ignoreHTTPSErrors: true,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", ...quiet],
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  });

  beforeEach(async () => {
    simulator = await startSimulator();
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("request", (request) => {
      if (!request.url().startsWith(simulator.url)) complaints.push(request.url());
    });
    await page.goto(simulator.url);
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    return async () => {
      await page.close();
      await simulator.close();
      expect(complaints).toEqual([]);
    };
  });

  const row = (region: string, name: string | RegExp) =>
    page.getByRole("region", { name: region }).getByRole("row", { name });
  const createContainer = (vmid: string, hostname: string) =>
    simulator.request("POST", "/nodes/pve-01/lxc", { vmid, hostname, ostemplate: template, rootfs: "local-zfs:8" });

  test("shows the nodes with their pools and disks", async () => {
    const node = page.getByRole("article", { name: "pve-02" });
    expect(await node.innerText()).toContain("AMD Ryzen 5 6600H");
    expect(await node.getByRole("row", { name: "rpool" }).innerText()).toContain("ONLINE");
    expect(await node.getByRole("row", { name: "/dev/nvme1n1" }).innerText()).toContain("healthy");
    expect(await page.getByRole("status").innerText()).toBe("Live");
  });

  test("a guest that is created over the API appears without a reload, within a second", async () => {
    await createContainer("101", "grafana");
    await row("Guests", "101").waitFor({ timeout: 1000 });
    expect(await row("Guests", "101").innerText()).toMatch(/grafana\s+container\s+pve-01\s+stopped/);
    await page.getByRole("button", { name: "Log of vzcreate 101" }).click();
    await page.getByText("extracting archive").waitFor();
  });

  test("a fault that is added on the page makes a request fail, and shows how often", async () => {
    const form = page.getByRole("form", { name: "Add a fault" });
    await form.getByLabel("Method").selectOption("POST");
    await form.getByLabel("Path").fill("/nodes/*/lxc");
    await form.getByLabel("Status and message").fill("500 no space left on device");
    await form.getByLabel("Times").fill("2");
    await form.getByRole("button", { name: "Add" }).click();
    const fault = row("Faults", "POST /nodes/*/lxc 500 no space left on device ×2");
    await fault.getByText("0 of 2").waitFor();
    const refusal = { status: 500, message: "no space left on device" };
    await expect(createContainer("101", "grafana")).rejects.toMatchObject(refusal);
    await fault.getByText("1 of 2").waitFor({ timeout: 1000 });
    await fault.getByRole("button", { name: "Remove" }).click();
    await page.getByText("Every request is answered as it should be.").waitFor();
    await createContainer("101", "grafana");
    expect(simulator.state.guests["101"]).toBeDefined();
  });

  test("a fault that cannot be is refused with the reason", async () => {
    const form = page.getByRole("form", { name: "Add a fault" });
    await form.getByLabel("Path").fill("nodes");
    await form.getByLabel("Effect").selectOption("hang");
    await form.getByRole("button", { name: "Add" }).click();
    await page.getByRole("alert").getByText('"* nodes hang" is not a fault.').waitFor();
    expect(simulator.faults.list()).toEqual([]);
    // The browser tells of each refusal by itself.
    expect(complaints.splice(0)).toEqual([expect.stringContaining("400 (Bad Request)")]);
  });

  test("a dead disk turns the pool's health", async () => {
    const node = page.getByRole("article", { name: "pve-02" });
    await page.getByRole("button", { name: "Kill /dev/nvme1n1 of pve-02" }).click();
    await node.getByRole("row", { name: "rpool" }).getByText("DEGRADED").waitFor();
    await node.getByRole("row", { name: "/dev/nvme1n1" }).getByText("dead").waitFor();
    expect(await simulator.request("GET", "/nodes/pve-02/disks/zfs")).toMatchObject([{ health: "DEGRADED" }]);
  });

  test("a storage goes offline and comes back, a guest is changed and destroyed", async () => {
    await page.getByRole("button", { name: "Take offline: local on pve-02" }).click();
    await page.getByRole("button", { name: "Bring online: local on pve-02" }).click();
    await page.getByRole("button", { name: "Take offline: local on pve-02" }).waitFor();
    await createContainer("101", "grafana");
    const form = page.getByRole("form", { name: "Change a guest" });
    await form.getByLabel("Setting").fill("memory");
    await form.getByLabel("Value").fill("2048");
    await form.getByRole("button", { name: "Change" }).click();
    await row("Guests", "101").getByText("2.0 GiB").waitFor();
    page.once("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Destroy guest 101" }).click();
    await page.getByText("No guests: create one over the API.").waitFor();
  });

  test("lists the endpoints", async () => {
    await page.getByRole("link", { name: "Endpoints" }).click();
    await page.getByRole("heading", { name: "Endpoints" }).waitFor();
    const cells = page.getByRole("row", { name: "GET /version" });
    expect(await cells.innerText()).toMatch(/GET\s+\/version\s+implemented/);
  });
});
