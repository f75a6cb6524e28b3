/** The colours that mark networks and backup targets, each for a light and a dark ground. */
const tones = {
  dmz: { light: ["#fdecec", "#cf222e", "#a40e26"], dark: ["#2a1215", "#f85149", "#ff8a84"] },
  management: { light: ["#eceff3", "#6b7785", "#4a5561"], dark: ["#171c22", "#7d8997", "#a9b4c0"] },
  blue: { light: ["#e6f1fd", "#1f6fd6", "#1257ae"], dark: ["#0e1c2f", "#4f9cf9", "#86bbfb"] },
  violet: { light: ["#f1ebfd", "#7d4fd3", "#6338b3"], dark: ["#1c1531", "#a682f2", "#c3abf7"] },
  teal: { light: ["#e2f4f2", "#0f8378", "#0a665e"], dark: ["#0b2220", "#33b5a7", "#6fd0c5"] },
  amber: { light: ["#fcf2de", "#b26a00", "#8a5200"], dark: ["#271c0a", "#dd9a34", "#edbd74"] },
  green: { light: ["#e6f5e8", "#2c8440", "#206631"], dark: ["#0f2214", "#48b563", "#83d096"] },
  pink: { light: ["#fce9f3", "#bf3989", "#992d6e"], dark: ["#2b1221", "#e26bb2", "#f0a0ce"] },
} as const;

/** The name of a colour. */
export type Tone = keyof typeof tones;

/** The tones of networks that are neither DMZ nor management, in turn. */
export const networkTones: readonly Tone[] = ["blue", "violet", "teal", "pink"];

/** The tones of backup targets, in turn. */
export const targetTones: readonly Tone[] = ["green", "amber", "teal", "violet"];

const surfaces = {
  light: {
    ground: "#ffffff",
    ink: "#1c2530",
    muted: "#56616e",
    card: "#ffffff",
    edge: "#c9d1db",
    node: "#3c4856",
    panel: "#f4f6f9",
    tab: "#2d3846",
    track: "#dfe4ea",
  },
  dark: {
    ground: "#0d1117",
    ink: "#e8edf3",
    muted: "#9ba7b4",
    card: "#161b22",
    edge: "#39424e",
    node: "#68778a",
    panel: "#12171e",
    tab: "#2b3543",
    track: "#303944",
  },
} as const;

const fixed = `text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-size: 13px; }
.heading { font-size: 26px; font-weight: 700; }
.name { font-size: 18px; font-weight: 700; }
.title { font-size: 15px; font-weight: 700; }
.strong { font-weight: 700; }
.address { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13.5px; }
.badge { font-size: 11px; font-weight: 700; }
.flow { fill: none; stroke-width: 2; stroke-linejoin: round; }
.thin { stroke-width: 1.2; }
.border { fill: none; stroke-width: 2.5; stroke-dasharray: 12 6; }
.edge { stroke-width: 4; stroke-linecap: round; }
.inward { stroke-dasharray: 6 4; }
.on-dark { fill: #ffffff; }
.on-dark-muted { fill: #d3dae2; }`;

/** The style of the picture: everything that has a colour has one for either ground. */
export function renderStyle(): string {
  return [
    fixed,
    renderTheme("light"),
    `@media (prefers-color-scheme: dark) {\n${renderTheme("dark").replace(/^/gm, "  ")}\n}`,
  ].join("\n");
}

function renderTheme(theme: "dark" | "light"): string {
  const { ground, ink, muted, card, edge, node, panel, tab, track } = surfaces[theme];
  return [
    `.ground { fill: ${ground}; }`,
    `.gate { fill: ${ground}; stroke-width: 2; }`,
    `.ink { fill: ${ink}; }`,
    `.muted { fill: ${muted}; }`,
    `.card { fill: ${card}; stroke: ${edge}; }`,
    `.node { fill: none; stroke: ${node}; stroke-width: 2; }`,
    `.panel { fill: ${panel}; }`,
    `.tab { fill: ${tab}; }`,
    `.track { fill: ${track}; }`,
    `.edge-line { stroke: ${edge}; }`,
    `.badge-text { fill: ${ground}; }`,
    ...Object.entries(tones).flatMap(([tone, colours]) => {
      const [fill, line, text] = colours[theme];
      return [
        `.${tone}-fill { fill: ${fill}; }`,
        `.${tone}-solid { fill: ${line}; }`,
        `.${tone}-line { stroke: ${line}; }`,
        `.${tone}-text { fill: ${text}; }`,
      ];
    }),
  ].join("\n");
}
