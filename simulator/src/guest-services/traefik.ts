import { z } from "zod";
import type { FileSystem } from "../files/file-system.ts";
import { dynamicKeys, staticKeys, type Keys } from "../traefik/keys.ts";
import { ConfigurationError, readConfiguration } from "../traefik/read-configuration.ts";
import type { LoopbackAnswer, LoopbackRequest } from "./loopback.ts";

const staticFile = "/etc/traefik/traefik.yml";

const Static = z.object({
  entryPoints: z.record(z.string(), z.object({ address: z.string() })).default({}),
  metrics: z.object({ prometheus: z.object({ entryPoint: z.string() }).optional() }).optional(),
  providers: z.object({ file: z.object({ filename: z.string() }).optional() }).optional(),
});
const Dynamic = z.object({
  http: z
    .object({
      routers: z
        .record(
          z.string(),
          z.object({ entryPoints: z.array(z.string()).optional(), rule: z.string(), service: z.string() }),
        )
        .default({}),
    })
    .optional(),
});

/** Whether Traefik's configuration has an entry point on a port. */
export function listensOn(files: FileSystem, port: string): boolean {
  return entryPointsOn(files, port).length > 0;
}

const blind = "ERR Cannot start the provider *file.Provider";

/** What Traefik says when it starts. */
export function traefikNotes(files: FileSystem): string[] {
  const path = read(files, staticFile, staticKeys, Static)?.providers?.file?.filename;
  if (path === undefined || files.exists(path)) return [];
  return [`${blind} error="error adding file watcher for ${path}: no such file or directory"`];
}

/** Whether it watches the file of its routes: it never does when that was not there when it started. */
export function watchesRoutes(journal: readonly { readonly unit: string; readonly message: string }[]): boolean {
  const own = journal.filter(({ unit }) => unit === "traefik.service").map(({ message }) => message);
  const started = own.findLastIndex((message) => message.startsWith("Started "));
  return !own.slice(started).some((message) => message.startsWith(blind));
}

/** Answers what a Traefik in the same guest is asked: its metrics and its ping, by the routers that name exactly one path. */
export function answerTraefik(files: FileSystem, { url }: LoopbackRequest, watches: boolean): LoopbackAnswer {
  const names = entryPointsOn(files, url.port);
  const { metrics, providers } = read(files, staticFile, staticKeys, Static) ?? {};
  const own = metrics?.prometheus?.entryPoint;
  if (url.pathname === "/metrics" && own !== undefined && names.includes(own))
    return { status: 200, body: "traefik_config_last_reload_success 1\n" };
  const file = watches ? providers?.file?.filename : undefined;
  const routes = read(files, file, dynamicKeys, Dynamic)?.http?.routers ?? {};
  const router = Object.values(routes).find(
    ({ entryPoints = [], rule }) =>
      rule === `Path(\`${url.pathname}\`)` && entryPoints.some((entryPoint) => names.includes(entryPoint)),
  );
  return router?.service === "ping@internal"
    ? { status: 200, body: "OK" }
    : { status: 404, body: "404 page not found\n" };
}

function entryPointsOn(files: FileSystem, port: string): string[] {
  const { entryPoints = {} } = read(files, staticFile, staticKeys, Static) ?? {};
  return Object.entries(entryPoints).flatMap(([name, { address }]) => (address.endsWith(`:${port}`) ? [name] : []));
}

/** What is in one of its files; undefined where Traefik would not take it. */
function read<Schema extends z.ZodType>(
  files: FileSystem,
  path: string | undefined,
  keys: Keys,
  schema: Schema,
): z.infer<Schema> | undefined {
  if (path === undefined || !files.exists(path)) return undefined;
  try {
    return schema.parse(readConfiguration(files.read(path).toString("utf8"), keys));
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
