import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";
import { renderTopologySvg } from "../../src/topology/render-topology-svg.ts";
import { generatedPlan, shipped } from "./generated-plans.ts";
import { descendants, readSvg, type SvgElement } from "./read-svg.ts";
import { areaOf, inside, overlap, rectsOf, segmentsOf, textsOf, type Area } from "./svg-geometry.ts";

const plan = planHomelab(shipped);

describe("every picture", { timeout: 60_000 }, () => {
  test("has no two boxes that overlap, and none that reaches over the edge", () => {
    forAllPlans((svg) => {
      const rects = rectsOf(svg);
      const page = areaOf({ ...svg.attributes, x: "0", y: "0" });
      expect(rects.filter((rect) => !inside(rect, page))).toEqual([]);
      const crosses = (one: (typeof rects)[number], other: (typeof rects)[number]) =>
        one.classes.includes("band") && other.classes.includes("node");
      const clashes = pairs(rects).filter(
        ([one, other]) =>
          overlap(one, other) &&
          !inside(one, other) &&
          !inside(other, one) &&
          // A node stands on its networks: that is what the picture is about.
          !crosses(one, other) &&
          !crosses(other, one),
      );
      expect(clashes).toEqual([]);
      const same = (name: string) => pairs(rects.filter(({ classes }) => classes.includes(name)));
      for (const name of ["band", "node", "panel", "card", "pill"])
        expect(same(name).filter(([one, other]) => overlap(one, other))).toEqual([]);
    });
  });

  test("has each guest with name and address on its node and network", () => {
    forAllPlans((svg, { containers, machines, networks }) => {
      const cards = descendants(svg).filter(({ name }) => name === "g");
      for (const guest of [...containers, ...machines]) {
        const address = guest.network.address.replace(/\/.*/, "");
        const tooltip = `${guest.name}, ${address}. ${guest.description}`;
        const card = cards.find(({ children }) =>
          children.some(({ name, text }) => name === "title" && text === tooltip),
        );
        const texts = card?.children.filter(({ name }) => name === "text").map(({ text }) => text) ?? [];
        expect(texts.join("")).toContain(guest.name);
        expect(texts).toContain(address);
        const network = networks.find(({ vlan }) => vlan === guest.network.vlan)?.name ?? "";
        const box = areaOf(card?.children.find(({ name }) => name === "rect")?.attributes ?? {});
        expect(inside(box, named(svg, "data-network", network))).toBe(true);
        expect(inside(box, named(svg, "data-node", guest.node))).toBe(true);
      }
    });
  });

  test("has no text that runs over another or out of its box", () => {
    forAllPlans((svg) => {
      expect(pairs(textsOf(svg)).filter(([one, other]) => overlap(one, other))).toEqual([]);
      for (const group of descendants(svg).filter(({ name }) => name === "g")) {
        const [box] = rectsOf(group);
        if (box === undefined) throw new Error("A group has no box.");
        expect(textsOf(group).filter((text) => !inside(text, box))).toEqual([]);
      }
    });
  });

  test("has ways that cross neither a card nor a text", () => {
    forAllPlans((svg) => {
      const obstacles = [...rectsOf(svg).filter(({ classes }) => classes.includes("card")), ...textsOf(svg)];
      const crossed = segmentsOf(svg).flatMap((segment) =>
        obstacles.filter((obstacle) => overlap(shrunk(obstacle), segment)).map(({ label }) => [segment.label, label]),
      );
      expect(crossed).toEqual([]);
      // A way that runs along a border would be taken for it.
      const bands = rectsOf(svg).filter(({ classes }) => classes.includes("band"));
      const along = segmentsOf(svg).filter(({ left, right, top, bottom }) => right - left > 60 && bottom - top <= 1);
      const outside = along.filter(
        ({ top, bottom }) => !bands.some((band) => top > band.top + 5 && bottom < band.bottom - 5),
      );
      expect(outside).toEqual([]);
    });
  });

  test("has a border, the ports and a way from the internet for what is exposed", () => {
    let exposed = 0;
    forAllPlans((svg, { machines, networks }) => {
      const guarded = machines.filter(({ firewall }) => firewall !== undefined);
      const published = guarded.filter(({ firewall }) =>
        firewall?.rules.some(({ comment }) => comment === "published"),
      );
      const ofClass = (pattern: RegExp) =>
        descendants(svg).filter(({ name, attributes }) => name === "path" && pattern.test(attributes["class"] ?? ""));
      const borders = ofClass(/\bborder\b/);
      expect(borders).toHaveLength(networks.filter(({ zone }) => zone === "dmz").length);
      // One more is in the legend.
      expect(ofClass(/\bpublished\b/)).toHaveLength(published.length + 1);
      const cards = descendants(svg).filter(({ name }) => name === "g");
      const texts = cards.map(({ children }) => children.map(({ text }) => text).join(" "));
      expect(texts.filter((text) => text.includes("internet reaches 80, 443"))).toHaveLength(published.length);
      exposed += published.length;
    });
    expect(exposed).toBeGreaterThan(20);
  });
});

describe("the picture of the shipped inventory", () => {
  const svg = renderTopologySvg(plan);

  test.each([
    [
      "the nodes' processors and memory",
      ["Intel Core i9-13900H", "96 GiB of memory", "14 cores, 20 threads; guests have 21 virtual cores"],
    ],
    [
      "the pools with their disks and redundancy",
      ["MIRROR", "Crucial P3 Plus 500 GB", "survives the loss of a disk", "SINGLE DISK"],
    ],
    ["the networks", ["VLAN 30", "10.30.0.0/24", "kubernetes"]],
    ["the guests' size", ["8 cores · 16 GiB", "40 + 200 GiB on fast", "control plane of homelab"]],
    ["what is exposed", ["internet reaches 80, 443", "may reach gitlab:443", "may reach internet:443"]],
    [
      "the backups",
      ["daily 01:00", "daily: keeps 7 daily, 4 weekly, 6 monthly", "hetzner (off-site)", "nas (on management)"],
    ],
  ])("tells %s", (_, texts) => {
    const written = descendants(readSvg(svg)).map(({ text }) => text);
    expect(written).toEqual(expect.arrayContaining(texts));
  });

  test("describes itself to who does not see it", () => {
    const { attributes, children } = readSvg(svg);
    expect(attributes).toMatchObject({ role: "img", "aria-labelledby": "title desc" });
    const [title, desc] = children;
    expect(title).toMatchObject({ name: "title", attributes: { id: "title" } });
    expect(desc?.text).toContain("The internet reaches traefik-dmz on 80, 443; it may reach gitlab:443.");
    expect(desc?.text).toContain("Backups weekly go to hetzner (off-site): pve-01 at sun 04:00, pve-02 at sun 08:00;");
  });

  test("has colours for a light and for a dark ground, and fetches nothing", () => {
    expect(svg).toContain("@media (prefers-color-scheme: dark)");
    const classes = new Set(
      descendants(readSvg(svg)).flatMap(({ attributes }) => (attributes["class"] ?? "").split(" ")),
    );
    const [light = "", dark = ""] = svg.split("@media (prefers-color-scheme: dark)");
    for (const name of [...classes].filter((each) => /-(?:fill|line|solid|text)$/.test(each))) {
      expect(light).toContain(`.${name} {`);
      expect(dark).toContain(`.${name} {`);
    }
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /https?:|href|url\(|@import|@font-face|<script/,
    );
  });
});

test("what is written by people stays text", () => {
  const nasty = `<script>&amp;"'</text> \u0007`;
  const [node, ...nodes] = plan.nodes;
  const [container, ...containers] = plan.containers;
  if (node === undefined || container === undefined) throw new Error("The shipped inventory is empty.");
  const changed: HomelabPlan = {
    ...plan,
    nodes: [{ ...node, model: nasty }, ...nodes],
    containers: [{ ...container, description: nasty }, ...containers],
  };
  const svg = renderTopologySvg(changed);
  expect(svg).not.toContain("<script");
  const texts = descendants(readSvg(svg)).map(({ text }) => text);
  const kept = nasty.replace("\u0007", "\u{FFFD}");
  expect(texts).toContain(`${container.name}, 10.20.0.10. ${kept}`);
  expect(texts.join("")).toContain("<script>&amp;\"'</text>");
});

test("the picture depends on the plan alone", () => {
  const copy = structuredClone(plan);
  expect(renderTopologySvg(copy)).toBe(renderTopologySvg(plan));
});

function forAllPlans(check: (svg: SvgElement, plan: HomelabPlan) => void): void {
  check(readSvg(renderTopologySvg(plan)), plan);
  fc.assert(
    fc.property(generatedPlan, (generated) => {
      check(readSvg(renderTopologySvg(generated)), generated);
    }),
    { numRuns: 40 },
  );
}

function named(svg: SvgElement, attribute: string, value: string): Area {
  const found = descendants(svg).find(({ attributes }) => attributes[attribute] === value);
  return areaOf(found?.attributes ?? {});
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other): [T, T] => [one, other]));
}

/** A way ends at the edge of a card. */
function shrunk({ label, left, top, right, bottom }: Area): Area {
  return { label, left: left + 1, top: top + 1, right: right - 1, bottom: bottom - 1 };
}
