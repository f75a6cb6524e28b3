import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { parseFault, type Faults } from "../faults.ts";
import type { Incidents } from "../incidents.ts";
import { messageOf } from "../start-error.ts";
import type { World } from "../world.ts";
import { renderEndpoints } from "./endpoints.ts";
import { Events } from "./events.ts";
import { refusalOf } from "./guard.ts";
import { summarize } from "./summary.ts";

/** What the page shows and changes. */
export interface PageOptions {
  readonly world: World;
  readonly faults: Faults;
  readonly incidents: Incidents;
}

const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

// lit-html's main file for Node is one that renders on the server; the browser's is beside its folder.
const litHtml = join(createRequire(import.meta.url).resolve("lit-html"), "../../lit-html.js");

const files = {
  "/": ["index.html", "text/html"],
  "/simulator/page.css": ["page.css", "text/css"],
  "/simulator/page.js": ["page.js", "text/javascript"],
  "/simulator/views.js": ["views.js", "text/javascript"],
  "/simulator/lit-html.js": [litHtml, "text/javascript"],
} as const;

/** Adds the page for people who would rather look: `/`, and what it needs below `/simulator/`. */
export async function addPage(server: FastifyInstance, { world, faults, incidents }: PageOptions): Promise<void> {
  const events = new Events(() => summarize(world, faults));
  const touch = () => {
    events.touch();
  };
  const stops = [world.onChange(touch), faults.onChange(touch)];
  await server.register((page, _options, done) => {
    page.addHook("onRequest", (request, reply, next) => {
      void reply.headers(headers);
      const refusal = refusalOf(request.headers);
      if (refusal === undefined) next();
      else void reply.code(403).type("text/plain").send(refusal);
    });
    page.addHook("preClose", (next) => {
      for (const stop of stops) stop();
      events.close();
      next();
    });
    addViews(page, world, events);
    addControls(page, faults, incidents);
    done();
  });
}

function addViews(page: FastifyInstance, world: World, events: Events): void {
  for (const [url, [file, type]] of Object.entries(files)) {
    const path = file === litHtml ? file : join(import.meta.dirname, file);
    page.get(url, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(readFileSync(path)));
  }
  page.get("/simulator/endpoints", (_request, reply) => reply.type("text/html; charset=utf-8").send(renderEndpoints()));
  page.get("/simulator/events", (_request, reply) => {
    reply.hijack();
    for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, value);
    events.join(reply.raw);
  });
  page.get<{ Params: { upid: string } }>("/simulator/tasks/:upid", ({ params: { upid } }, reply) => {
    const task = world.state.tasks[upid];
    return task === undefined ? refuse(reply, 404, "There is no such task.") : reply.send(task.log);
  });
}

function addControls(page: FastifyInstance, faults: Faults, incidents: Incidents): void {
  page.post<{ Body: { fault?: unknown } }>("/simulator/faults", ({ body }, reply) =>
    attempt(reply, () => {
      faults.add(parseFault(String(body.fault)));
    }),
  );
  page.delete<{ Params: { id: string } }>("/simulator/faults/:id", ({ params }, reply) =>
    attempt(reply, () => {
      faults.remove(Number(params.id));
    }),
  );
  page.post<{ Body: { incident?: unknown } }>("/simulator/incidents", ({ body }, reply) =>
    attempt(reply, () => {
      incidents.tell(String(body.incident));
    }),
  );
}

function attempt(reply: FastifyReply, work: () => void): FastifyReply {
  try {
    work();
    return reply.code(204).send();
  } catch (error) {
    return refuse(reply, 400, messageOf(error));
  }
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ message });
}
