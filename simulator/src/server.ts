import formbody from "@fastify/formbody";
import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { facts, type EndpointFacts, type EndpointKey } from "./api/facts.ts";
import { authorize } from "./access/authorization.ts";
import { ApiError, notImplemented } from "./api-error.ts";
import type { ServerCertificate } from "./certificates.ts";
import { checkParameters } from "./check-parameters.ts";
import { strike } from "./fault-hook.ts";
import type { FaultEffect, Faults } from "./faults.ts";
import { findHandler, type Handler } from "./routes/find-handler.ts";
import { requireQuorum } from "./node/quorum.ts";
import { reachNode } from "./node/reach.ts";
import { isForPage } from "./page/guard.ts";
import { RouteTable } from "./route-table.ts";
import type { Session } from "./state/access.ts";
import { receiveUpload, type Upload } from "./upload.ts";
import type { World } from "./world.ts";

/** One request as the simulator remembers it; never its body or headers, which hold secrets. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** What the server needs of the simulator. */
export interface ServerOptions {
  readonly world: World;
  readonly faults: Faults;
  readonly certificate: ServerCertificate;
  readonly record: (request: RequestRecord) => void;
}

const prefix = "/api2/json";
const json = "application/json;charset=UTF-8";

/** Builds the HTTPS server: every endpoint of the API, with Proxmox's envelopes around what handlers return. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { certificate, faults, record } = options;
  const server = fastify({
    https: { cert: certificate.cert, key: certificate.key },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    bodyLimit: 64 * 2 ** 20,
  });
  await server.register(formbody);
  await server.register(multipart, { limits: { fileSize: Infinity } });
  server.addHook("onRequest", (request, reply, done) => {
    // Where no node is left, nobody answers; the page is none of theirs.
    if (!isForPage(request.url) && !isAnyOn(options.world)) {
      request.raw.socket.destroy();
      return;
    }
    const effect = isForPage(request.url) ? undefined : faults.strike(request.method, pathOf(request));
    const refusal = effect === undefined ? undefined : strike(effect, request, done);
    if (effect === undefined) done();
    if (refusal !== undefined) refuse(reply, refusal);
  });
  server.addHook("onResponse", (request, reply, done) => {
    const { statusCode: status, elapsedTime } = reply;
    if (!isForPage(request.url)) {
      record({ method: request.method, path: pathOf(request), status, milliseconds: elapsedTime });
    }
    done();
  });
  addEndpoints(server, options.world);
  server.setNotFoundHandler((request, reply) => {
    refuse(reply, notImplemented(request.method, pathOf(request)));
  });
  server.setErrorHandler((error, _request, reply) => {
    refuse(reply, error);
  });
  return server;
}

function addEndpoints(server: FastifyInstance, world: World): void {
  const table = new RouteTable<Route>();
  for (const [name, endpoint] of Object.entries(facts)) {
    const key = name as EndpointKey;
    const [method = "", path = ""] = key.split(" ");
    table.add(method, path, { key, endpoint, handler: findHandler(key) });
  }
  server.route({
    method: ["GET", "POST", "PUT", "DELETE"],
    url: `${prefix}/*`,
    handler: async (request, reply) => {
      const { method } = request;
      const found = table.find(method, encodedPathOf(request));
      if (found === undefined) throw notImplemented(method, pathOf(request));
      const { route, parameters } = found;
      const { endpoint } = route;
      const upload = request.isMultipart() ? await receiveUpload(request) : undefined;
      const sent = {
        ...(request.query as object),
        ...(request.body as object | undefined),
        ...parameters,
        ...upload?.fields,
      };
      const session = authenticate(world, endpoint, request);
      const work = () => {
        authorize({ state: world.state, authId: session.user, parameters: sent }, endpoint, pathOf(request));
        return answer(world, route, sent, { session, upload: upload?.file });
      };
      // The text is made inside: what a transaction lends ends with it.
      const text = method === "GET" ? work() : world.transaction(() => withFault(world, request.fault, work));
      if (request.fault?.kind === "drop") request.raw.socket.destroy();
      return reply.type(json).send(text);
    },
  });
}

function withFault<T>(world: World, fault: FaultEffect | undefined, work: () => T): T {
  world.taskFault = fault?.kind === "task" ? fault.message : undefined;
  try {
    return work();
  } finally {
    world.taskFault = undefined;
  }
}

interface Route {
  readonly key: EndpointKey;
  readonly endpoint: EndpointFacts;
  readonly handler: Handler | undefined;
}

function answer(
  world: World,
  { key, endpoint, handler }: Route,
  sent: Readonly<Record<string, unknown>>,
  { session, upload }: { readonly session: Session; readonly upload: Upload | undefined },
): string {
  if (handler === undefined) {
    const [method = "", path = ""] = key.split(" ");
    throw notImplemented(method, path);
  }
  // Elsewhere a node is a setting like others, and the request goes nowhere.
  if (key.includes(" /nodes/{node}") && typeof sent["node"] === "string") reachNode(world, key, sent["node"]);
  const values = checkParameters(endpoint.parameters, sent);
  requireQuorum(world.state, key);
  const attributes: Record<string, unknown> = {};
  const data = handler(values, { world, session, upload, attributes }) ?? null;
  return JSON.stringify({ data, ...attributes });
}

function authenticate(world: World, { user }: EndpointFacts, { method, headers }: FastifyRequest): Session {
  if (user === "world") return { user: "" };
  try {
    return world.tickets.authenticate(world.state.access, world.seconds(), method, headers);
  } catch (error) {
    throw error instanceof ApiError ? new AuthenticationError(error.status, error.message) : error;
  }
}

/** Someone who is not let in, whatever they asked for. */
class AuthenticationError extends ApiError {}

function refuse(reply: FastifyReply, error: unknown): void {
  const refusal = error instanceof ApiError ? error : asApiError(error);
  const { status, message, errors } = refusal;
  // Clients read the message from the status line, which ends where the line does.
  reply.raw.statusMessage = (message.split("\n")[0] ?? "").replaceAll(/[^\x20-\x7e]+/g, " ");
  void reply.code(status).type(json);
  // Who is not let in is told nothing more.
  if (refusal instanceof AuthenticationError) void reply.send("");
  else
    void reply.send(
      JSON.stringify({ data: null, message: `${message}\n`, ...(errors === undefined ? {} : { errors }) }),
    );
}

/** What Fastify refuses (a body that cannot be read) keeps its status; anything else is a mistake of the simulator. */
function asApiError(error: unknown): ApiError {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (statusCode !== 500) return new ApiError(statusCode, message);
  process.stderr.write(`The simulator failed: ${error instanceof Error ? (error.stack ?? message) : message}\n`);
  return new ApiError(500, `the simulator failed: ${message}`);
}

function isAnyOn({ state }: World): boolean {
  return Object.values(state.nodes).some(({ off }) => off !== true);
}

function pathOf(request: FastifyRequest): string {
  return decodeURIComponent(encodedPathOf(request));
}

function encodedPathOf({ url }: FastifyRequest): string {
  const [path = ""] = url.split("?");
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
