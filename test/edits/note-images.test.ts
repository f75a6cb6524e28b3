import { expect, test } from "vitest";
import { noteImages } from "../../src/edits/note-images.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { buildOf, shipped } from "./edited-homelab.ts";

const built = buildOf(shipped);

test("nothing is said of guests that were made from the image that the inventory has", () => {
  expect(noteImages(planHomelab(shipped), built)).toEqual([]);
});

test("a newer image names the guests that stay as they are, each with what it was made from", () => {
  const edited = structuredClone(shipped);
  const { talos } = edited.images;
  if (talos?.kind !== "talos") throw new Error("There is no image talos.");
  const { version } = talos;
  talos.version = "v9.9.9";
  const notes = noteImages(planHomelab(edited), built);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(
    /^The image \S+talos-v9\.9\.9-\S+ is for new guests only\. These stay as they were made: talos-/,
  );
  expect(notes[0]?.split(`talos-${version}-`)).toHaveLength(6);
});

test("nothing is said of a guest that was imported: what it was made from is unknown", () => {
  const imported = { ...built, guests: built.guests.map((guest) => ({ ...guest, madeFrom: undefined })) };
  const edited = structuredClone(shipped);
  Object.assign(edited.images["talos"] ?? {}, { version: "v9.9.9" });
  expect(noteImages(planHomelab(edited), imported)).toEqual([]);
});
