/** Distances that more than one part of the layout keeps. */
export const space = { margin: 24, gutter: 160, column: 20, inset: 14, gap: 16, row: 14 } as const;
