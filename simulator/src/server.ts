import formbody from "@fastify/formbody";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ApiError, notImplemented } from "./api-error.ts";
import type { ServerCertificate } from "./certificates.ts";
import { checkParameters } from "./check-parameters.ts";
import type { Endpoint } from "./endpoint.ts";
import type { World } from "./world.ts";

/** One request as the simulator remembers it; never its body or headers, which hold secrets. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
}

const prefix = "/api2/json";

/** Builds the HTTPS server: one route for each endpoint, Proxmox's envelopes around what its handler returns. */
export async function createServer(
  world: World,
  endpoints: readonly Endpoint[],
  certificate: ServerCertificate,
  record: (request: RequestRecord) => void,
): Promise<FastifyInstance> {
  const server = fastify({
    https: { cert: certificate.cert, key: certificate.key },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    forceCloseConnections: true,
    bodyLimit: 64 * 2 ** 20,
  });
  await server.register(formbody);
  for (const endpoint of endpoints) {
    server.route({
      method: endpoint.method,
      url: prefix + endpoint.path.replaceAll(/\{([^}]+)\}/g, ":$1"),
      handler: (request, reply) => {
        answer(world, endpoint, request, reply);
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    refuse(reply, notImplemented(request.method, pathOf(request)));
  });
  server.setErrorHandler((error, _request, reply) => {
    refuse(reply, error);
  });
  server.addHook("onResponse", (request, reply, done) => {
    const { statusCode: status, elapsedTime } = reply;
    record({ method: request.method, path: pathOf(request), status, milliseconds: elapsedTime });
    done();
  });
  return server;
}

function answer(
  world: World,
  { method, open, parameters, handle }: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const session = open ? { user: "" } : world.access.authenticate(method, request.headers);
  const sent = {
    ...(request.query as Record<string, unknown>),
    ...(request.body as Record<string, unknown> | undefined),
    ...(request.params as Record<string, unknown>),
  };
  const values = checkParameters(parameters, sent);
  void reply.send({ data: handle(values as never, { world, session }) ?? null });
}

function refuse(reply: FastifyReply, error: unknown): void {
  const refusal = error instanceof ApiError ? error : asApiError(error);
  // Clients read the message from the status line; a line break would end it.
  reply.raw.statusMessage = refusal.message.replaceAll(/[^\x20-\x7e]+/g, " ");
  void reply.code(refusal.status).send({
    data: null,
    message: `${refusal.message}\n`,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
  });
}

/** What Fastify refuses (a body that cannot be read) keeps its status; anything else is a mistake of the simulator. */
function asApiError(error: unknown): ApiError {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  return new ApiError(statusCode, statusCode === 500 ? `the simulator failed: ${message}` : message);
}

function pathOf(request: FastifyRequest): string {
  const [path = ""] = request.url.split("?");
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
