import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explainBackendFailure, findBackend, refuseBackend } from "../../scripts/state-backend.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backend-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: homelab\n");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("the variable comes before Pulumi.yaml, and that before the login, as the engine has it", () => {
  expect(findBackend(folder, {}, folder)).toBeUndefined();
  writeFileSync(join(folder, "credentials.json"), JSON.stringify({ current: "https://api.pulumi.com" }));
  expect(findBackend(folder, {}, folder)).toBe("https://api.pulumi.com");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: homelab\nbackend: { url: s3://state }\n");
  expect(findBackend(folder, {}, folder)).toBe("s3://state");
  expect(findBackend(folder, { PULUMI_BACKEND_URL: "gs://state" }, folder)).toBe("gs://state");
});

describe("what cannot be", () => {
  test.each([
    "https://gitlab.example.com/api/v4/projects/12/terraform/state/homelab",
    "gitlab://gitlab.example.com/homelab",
  ])("%s: GitLab's states are Terraform's", (url) => {
    expect(refuseBackend(url, {})).toBe(
      `The state cannot be kept at ${url}: GitLab keeps states of Terraform only, by a protocol that Pulumi does not speak.\n` +
        "Keep it in a bucket, s3://BUCKET?endpoint=…, which runners of GitLab reach as well; README.md says how.",
    );
  });

  test("a kind that the engine does not know, which it would take for Pulumi Cloud", () => {
    expect(refuseBackend("ftp://me:secret@host/state", {})).toBe(
      "The state cannot be kept at ftp://me:…@host/state: the engine knows file://, s3://, gs://, azblob://, postgres:// " +
        "and https:// (Pulumi Cloud).\nSet PULUMI_BACKEND_URL, or backend.url in Pulumi.yaml, to one of these.",
    );
  });

  test("a bucket of one's own without keys", () => {
    const url = "s3://state?endpoint=https://fsn1.your-objectstorage.com";
    const home = { HOME: folder };
    expect(refuseBackend(url, home)).toMatch(
      /^The state is in s3:\/\/state, and there is nothing that opens it\.\nSet AWS/,
    );
    expect(refuseBackend(url, { ...home, AWS_ACCESS_KEY_ID: "key" })).toBeUndefined();
    expect(refuseBackend(url, { ...home, AWS_PROFILE: "homelab" })).toBeUndefined();
    expect(refuseBackend(`${url}&profile=homelab`, home)).toBeUndefined();
    // An instance of Amazon's has its keys from there.
    expect(refuseBackend("s3://state", home)).toBeUndefined();
  });

  test.each(["file:///state", "https://api.pulumi.com", "postgres://user:secret@host/state", undefined])(
    "%s can be",
    (url) => {
      expect(refuseBackend(url, {})).toBeUndefined();
    },
  );
});

test("only what the engine says of a backend is explained, and a file's is never", () => {
  const refused = "operation error S3: GetObject, StatusCode: 403, api error SignatureDoesNotMatch: …";
  expect(explainBackendFailure("s3://state?region=eu", refused)).toBe(
    "The state is in s3://state. AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID: set both to the same pair.\n",
  );
  expect(explainBackendFailure("s3://state", "error: update failed")).toBe("");
  expect(explainBackendFailure("file:///state", refused)).toBe("");
  expect(explainBackendFailure("https://api.pulumi.com", "error: PULUMI_ACCESS_TOKEN must be set for login")).toContain(
    "npm run pulumi -- login",
  );
});
