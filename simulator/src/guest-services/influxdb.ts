import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Keeper, LoopbackAnswer, LoopbackRequest } from "./loopback.ts";

/** As InfluxDB 2.9 keeps it: of passwords and tokens there are only hashes. */
interface Contents {
  nextId: number;
  readonly users: { readonly id: string; readonly name: string; passwordHash: string }[];
  readonly orgs: { readonly id: string; readonly name: string }[];
  readonly buckets: { readonly id: string; readonly orgID: string; readonly name: string; everySeconds: number }[];
  /** With tokens of their own, and those of compatibility with version 1, with a login and a password. */
  readonly authorizations: Authorization[];
}

interface Authorization extends z.infer<typeof NewAuthorization> {
  readonly id: string;
  readonly legacy: boolean;
  readonly tokenHash: string;
  passwordHash?: string;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const Password = z.string().min(8, "passwords must be at least 8 characters long");
const Rules = z.array(z.object({ type: z.literal("expire"), everySeconds: z.int().min(0) }));
const Setup = z.object({
  username: z.string().min(1),
  password: Password,
  token: z.string().min(1).optional(),
  org: z.string().min(1),
  bucket: z.string().min(1),
  retentionPeriodSeconds: z.int().min(0).default(0),
});
const NewAuthorization = z.object({
  orgID: z.string().length(16),
  description: z.string().default(""),
  status: z.enum(["active", "inactive"]).default("active"),
  permissions: z
    .array(
      z.object({
        action: z.enum(["read", "write"]),
        resource: z.object({ type: z.string(), id: z.string().optional(), orgID: z.string().optional() }),
      }),
    )
    .min(1, "authorization must include permissions"),
  token: z.string().optional(),
});

/** Answers requests to the API of InfluxDB 2, as far as setting it up needs it (https://docs.influxdata.com/influxdb/v2/api/). */
export function answerInfluxDb(keeper: Keeper, request: LoopbackRequest): LoopbackAnswer {
  const kept = keeper.read();
  const contents = kept === undefined ? empty() : (JSON.parse(kept) as Contents);
  try {
    const answer = route(contents, request);
    if (request.method !== "GET") keeper.write(JSON.stringify(contents));
    return answer;
  } catch (error) {
    if (error instanceof z.ZodError) return refuse(new Refusal(400, "invalid", error.issues[0]?.message ?? ""));
    if (error instanceof SyntaxError) return refuse(new Refusal(400, "invalid", "invalid json structure"));
    if (error instanceof Refusal) return refuse(error);
    throw error;
  }
}

function empty(): Contents {
  return { nextId: 1, users: [], orgs: [], buckets: [], authorizations: [] };
}

function refuse({ status, code, message }: Refusal): LoopbackAnswer {
  return { status, body: JSON.stringify({ code, message }) };
}

function route(contents: Contents, request: LoopbackRequest): LoopbackAnswer {
  const { method, url, body } = request;
  const call = `${method} ${url.pathname}`;
  if (call === "GET /health") return json(200, { name: "influxdb", status: "pass" });
  if (call === "GET /api/v2/setup") return json(200, { allowed: contents.users.length === 0 });
  if (call === "POST /api/v2/setup") return setUp(contents, Setup.parse(JSON.parse(body)));
  const by = authorizationOf(contents, request);
  if (call === "POST /api/v2/write") return write(contents, by, request);
  // Only the token that it was set up with may do what follows.
  if (by.permissions.some(({ resource }) => resource.type !== "*"))
    throw new Refusal(401, "unauthorized", "unauthorized access");
  return administer(contents, request, call);
}

function administer(contents: Contents, { url, body }: LoopbackRequest, call: string): LoopbackAnswer {
  const [, collection = "", id = "", verb = ""] =
    /^\w+ (?:\/api\/v2|\/private\/legacy)\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(call) ?? [];
  const legacy = url.pathname.startsWith("/private/legacy/");
  const orgID = url.searchParams.get("orgID");
  const ofOrg = (entry: { orgID: string }) => orgID === null || entry.orgID === orgID;
  switch (`${call.split(" ")[0] ?? ""} ${collection}${id === "" ? "" : "/id"}${verb === "" ? "" : `/${verb}`}`) {
    case "GET orgs":
      return json(200, { orgs: contents.orgs });
    case "POST orgs":
      return json(201, addOrg(contents, z.object({ name: z.string().min(1) }).parse(JSON.parse(body)).name));
    case "GET users":
      return json(200, { users: contents.users.map(({ id: user, name }) => ({ id: user, name })) });
    case "POST users/id/password": {
      const { password } = z.object({ password: Password }).parse(JSON.parse(body));
      found(contents.users, id, "user").passwordHash = hash(password);
      return { status: 204, body: "" };
    }
    case "GET buckets":
      return json(200, { buckets: contents.buckets.filter(ofOrg).map(showBucket) });
    case "POST buckets": {
      const {
        orgID: org,
        name,
        retentionRules,
      } = z
        .object({ orgID: z.string(), name: z.string().min(1), retentionRules: Rules.default([]) })
        .parse(JSON.parse(body));
      found(contents.orgs, org, "organization");
      return json(201, showBucket(addBucket(contents, org, name, retentionRules[0]?.everySeconds ?? 0)));
    }
    case "PATCH buckets/id": {
      const bucket = found(contents.buckets, id, "bucket");
      const { retentionRules } = z.object({ retentionRules: Rules.optional() }).parse(JSON.parse(body));
      if (retentionRules !== undefined) bucket.everySeconds = retentionRules[0]?.everySeconds ?? 0;
      return json(200, showBucket(bucket));
    }
    case "GET authorizations":
      return json(200, {
        authorizations: contents.authorizations
          .filter((entry) => entry.legacy === legacy && ofOrg(entry))
          .map(showAuthorization),
      });
    case "POST authorizations":
      return authorize(contents, NewAuthorization.parse(JSON.parse(body)), legacy);
    case "POST authorizations/id/password": {
      const { password } = z.object({ password: Password }).parse(JSON.parse(body));
      found(contents.authorizations, id, "authorization").passwordHash = hash(password);
      return { status: 204, body: "" };
    }
    case "DELETE authorizations/id":
      contents.authorizations.splice(
        contents.authorizations.indexOf(found(contents.authorizations, id, "authorization")),
        1,
      );
      return { status: 204, body: "" };
    default:
      throw new Refusal(501, "not implemented", `the simulator does not know '${call}' of InfluxDB`);
  }
}

function setUp(
  contents: Contents,
  { username, password, token, org, bucket, retentionPeriodSeconds }: z.infer<typeof Setup>,
) {
  if (contents.users.length > 0)
    throw new Refusal(422, "unprocessable entity", "onboarding has already been completed");
  contents.users.push({ id: newId(contents), name: username, passwordHash: hash(password) });
  const organization = addOrg(contents, org);
  addBucket(contents, organization.id, bucket, retentionPeriodSeconds);
  const permissions = [{ action: "write" as const, resource: { type: "*" } }];
  const own = token ?? newToken();
  contents.authorizations.push({
    ...{ id: newId(contents), orgID: organization.id, description: `${username}'s Token`, status: "active" as const },
    ...{ permissions, legacy: false, tokenHash: hash(own) },
  });
  return json(201, { org: organization, auth: { token: own } });
}

function authorize(contents: Contents, { token, ...wanted }: z.infer<typeof NewAuthorization>, legacy: boolean) {
  found(contents.orgs, wanted.orgID, "organization");
  if (legacy && token === undefined) throw new Refusal(400, "invalid", "token required for v1 user authorization type");
  const own = legacy && token !== undefined ? token : newToken();
  const entry: Authorization = { id: newId(contents), ...wanted, legacy, tokenHash: hash(own) };
  contents.authorizations.push(entry);
  // This once, and never again.
  return json(201, { ...showAuthorization(entry), token: own });
}

function write(contents: Contents, { permissions }: Authorization, { url, body }: LoopbackRequest): LoopbackAnswer {
  const bucket = contents.buckets.find(({ name }) => name === url.searchParams.get("bucket"));
  if (bucket === undefined)
    throw new Refusal(404, "not found", `bucket "${url.searchParams.get("bucket") ?? ""}" not found`);
  const allowed = permissions.some(
    ({ action, resource }) => action === "write" && (resource.type === "*" || resource.id === bucket.id),
  );
  if (!allowed) throw new Refusal(403, "forbidden", "insufficient permissions for write");
  if (body === "") throw new Refusal(400, "invalid", "writing requires points");
  return { status: 204, body: "" };
}

function authorizationOf({ authorizations }: Contents, { headers }: LoopbackRequest): Authorization {
  const token = /^(?:Token|Bearer) (.+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
  const known = authorizations.find(
    ({ legacy, tokenHash, status }) => !legacy && status === "active" && tokenHash === hash(token),
  );
  if (known === undefined) throw new Refusal(401, "unauthorized", "unauthorized access");
  return known;
}

function addOrg(contents: Contents, name: string) {
  if (contents.orgs.some((org) => org.name === name))
    throw new Refusal(422, "conflict", `organization with name ${name} already exists`);
  const org = { id: newId(contents), name };
  contents.orgs.push(org);
  return org;
}

function addBucket(contents: Contents, orgID: string, name: string, everySeconds: number) {
  if (contents.buckets.some((bucket) => bucket.orgID === orgID && bucket.name === name))
    throw new Refusal(422, "conflict", `bucket with name ${name} already exists`);
  const bucket = { id: newId(contents), orgID, name, everySeconds };
  contents.buckets.push(bucket);
  return bucket;
}

function showBucket({ everySeconds, ...bucket }: Contents["buckets"][number]) {
  return { ...bucket, type: "user", retentionRules: [{ type: "expire", everySeconds }] };
}

function showAuthorization({ id, orgID, description, status, permissions }: Authorization) {
  return { id, orgID, description, status, permissions };
}

function found<T extends { readonly id: string }>(entries: readonly T[], id: string, what: string): T {
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new Refusal(404, "not found", `${what} not found`);
  return entry;
}

function json(status: number, value: unknown): LoopbackAnswer {
  return { status, body: `${JSON.stringify(value, null, "\t")}\n` };
}

function newId(contents: Contents): string {
  return (contents.nextId++).toString(16).padStart(16, "0");
}

function newToken(): string {
  return `${randomBytes(64).toString("base64url")}==`;
}

function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
