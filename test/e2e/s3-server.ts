import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A running S3 server with one empty bucket. */
export interface S3Server {
  /** What PULUMI_BACKEND_URL or `backend.url` is set to. */
  readonly backend: string;
  /** The keys, as the variables that Amazon's tools read. */
  readonly keys: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };
  readonly close: () => Promise<void>;
}

/** Starts an S3 server on loopback, which checks signatures; Go builds it once. */
export async function startS3Server(bucket: string): Promise<S3Server> {
  const keys = { AWS_ACCESS_KEY_ID: "AKIAHOMELAB0STATE", AWS_SECRET_ACCESS_KEY: "the-secret-of-this-test" };
  const child = spawn("go", ["run", "."], {
    cwd: join(import.meta.dirname, "s3-server"),
    env: { ...process.env, ...keys, S3_BUCKET: bucket, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [address] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    backend: `s3://${bucket}?endpoint=http://${address}&s3ForcePathStyle=true&region=eu&response_checksum_validation=when_required`,
    keys,
    close: async () => {
      const ended = once(child, "close");
      child.stdin.end();
      await ended;
    },
  };
}
