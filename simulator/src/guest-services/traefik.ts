import { z } from "zod";
import type { FileSystem } from "../files/file-system.ts";
import type { TraefikStart } from "../state/software.ts";
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

/** Reads a file as text; undefined where there is none. */
type ReadText = (path: string) => string | undefined;

/** What a Traefik that starts reads of its settings, once. */
export function startTraefik(readText: ReadText): TraefikStart {
  const settings = readText(staticFile);
  const routes = routesOf(settings);
  return {
    ...(settings === undefined ? {} : { settings }),
    watchesRoutes: routes !== undefined && readText(routes) !== undefined,
  };
}

/** What it says then. */
export function traefikNotes({ settings, watchesRoutes }: TraefikStart): string[] {
  const path = routesOf(settings);
  if (path === undefined || watchesRoutes) return [];
  return [
    `ERR Cannot start the provider *file.Provider error="error adding file watcher for ${path}: no such file or directory"`,
  ];
}

/** Whether a Traefik has an entry point on a port. */
export function listensOn({ settings }: TraefikStart, port: string): boolean {
  return entryPointsOn(settings, port).length > 0;
}

/** Answers what a Traefik in the same guest is asked: its metrics and its ping, by the routers that name exactly one path. */
export function answerTraefik(
  files: FileSystem,
  { settings, watchesRoutes }: TraefikStart,
  { url }: LoopbackRequest,
): LoopbackAnswer {
  const names = entryPointsOn(settings, url.port);
  const own = parse(settings, staticKeys, Static)?.metrics?.prometheus?.entryPoint;
  if (url.pathname === "/metrics" && own !== undefined && names.includes(own))
    return { status: 200, body: "traefik_config_last_reload_success 1\n" };
  const path = watchesRoutes ? routesOf(settings) : undefined;
  const text = path !== undefined && files.exists(path) ? files.read(path).toString("utf8") : undefined;
  const routes = parse(text, dynamicKeys, Dynamic)?.http?.routers ?? {};
  const router = Object.values(routes).find(
    ({ entryPoints = [], rule }) =>
      rule === `Path(\`${url.pathname}\`)` && entryPoints.some((entryPoint) => names.includes(entryPoint)),
  );
  return router?.service === "ping@internal"
    ? { status: 200, body: "OK" }
    : { status: 404, body: "404 page not found\n" };
}

function routesOf(settings: string | undefined): string | undefined {
  return parse(settings, staticKeys, Static)?.providers?.file?.filename;
}

function entryPointsOn(settings: string | undefined, port: string): string[] {
  const { entryPoints = {} } = parse(settings, staticKeys, Static) ?? {};
  return Object.entries(entryPoints).flatMap(([name, { address }]) => (address.endsWith(`:${port}`) ? [name] : []));
}

/** What is in one of its files; undefined where Traefik would not take it. */
function parse<Schema extends z.ZodType>(
  text: string | undefined,
  keys: Keys,
  schema: Schema,
): z.infer<Schema> | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(readConfiguration(text, keys));
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
