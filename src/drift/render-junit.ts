import { acceptedOf, areas, driftsOf, restoredOf, type Area, type Drift, type Look } from "./drift.ts";
import { renderValue } from "./render.ts";

/**
 * Shows looks as JUnit's XML, which GitLab and others read: a suite for each area, a case for each thing that was looked at.
 * Drift is a failure unless it is accepted; what had to be looked at and could not be is an error, and anything else of that kind is skipped.
 */
export function renderJunit(stack: string, looks: readonly Look[]): string {
  const suites = areas.map((area) =>
    renderSuite(
      area,
      looks.filter((look) => look.area === area),
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name=${quote(`drift of ${stack}`)} ${counts(looks)}>`,
    ...suites.flat(),
    "</testsuites>\n",
  ].join("\n");
}

function renderSuite(area: Area, looks: readonly Look[]): string[] {
  return [
    `  <testsuite name=${quote(area)} ${counts(looks)}>`,
    ...looks.flatMap((look) => renderCase(look)),
    "  </testsuite>",
  ];
}

function renderCase(look: Look): string[] {
  const { area, subject, unchecked } = look;
  const texts = driftsOf([look]).map(renderOne);
  const notes = [
    ...acceptedOf([look]).map((drift) => `accepted: ${renderOne(drift)}`),
    ...restoredOf([look]).map((drift) => `brought back: ${renderOne(drift)}`),
  ];
  const inside = [
    ...(texts.length === 0
      ? []
      : [`      <failure type="drift" message=${quote(texts[0] ?? "")}>${escapeXml(texts.join("\n"))}</failure>`]),
    ...(unchecked === undefined
      ? []
      : unchecked.incomplete
        ? [`      <error type="not checked" message=${quote(unchecked.reason)}/>`]
        : texts.length === 0
          ? [`      <skipped message=${quote(unchecked.reason)}/>`]
          : []),
    ...(notes.length === 0 ? [] : [`      <system-out>${escapeXml(notes.join("\n"))}</system-out>`]),
  ];
  const open = `    <testcase classname=${quote(area)} name=${quote(subject)}`;
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, "    </testcase>"];
}

function renderOne({ what, where, was, is }: Drift): string {
  return `${what} (${where}): was ${renderValue(was)}, is ${renderValue(is)}`;
}

function counts(looks: readonly Look[]): string {
  const failed = looks.filter((look) => driftsOf([look]).length > 0);
  const errors = looks.filter(({ unchecked }) => unchecked?.incomplete === true);
  const skipped = looks.filter(({ unchecked, drifts }) => unchecked?.incomplete === false && drifts.length === 0);
  return `tests="${looks.length}" failures="${failed.length}" errors="${errors.length}" skipped="${skipped.length}"`;
}

function quote(text: string): string {
  return `"${escapeXml(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;")}"`;
}

/** XML has no way at all to write some control characters. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
