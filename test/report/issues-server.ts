import { readFields, serve } from "./serve.ts";

/** An issue as the server keeps it. */
export interface KeptIssue {
  readonly number: number;
  readonly authorId: number;
  title: string;
  body: string;
  isOpen: boolean;
  readonly confidential?: boolean;
  readonly isPullRequest?: boolean;
  readonly comments: string[];
}

/** A server that lists, adds and changes issues as GitLab's and GitHub's do, page by page. */
export interface IssuesServer {
  readonly url: string;
  readonly issues: KeptIssue[];
  /** `POST /path`, in order. */
  readonly requests: string[];
  /** Answers requests of this method like this from now on. */
  fail: (status: number, method: string) => void;
  readonly close: () => Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Whose the token `secret` is. */
export const ourselves = 7;
const pageSize = 2;
const list = /^\/(?:projects\/12|repos\/me\/homelab)\/issues$/;
const single = /^\/(?:projects\/12|repos\/me\/homelab)\/issues\/(\d+)(\/notes|\/comments)?$/;

/** Starts a server whose issues belong to project 12, and to `me/homelab`. */
export async function startIssuesServer(
  given: readonly (Pick<KeptIssue, "authorId" | "body"> & Partial<KeptIssue>)[] = [],
): Promise<IssuesServer> {
  const issues: KeptIssue[] = given.map((issue, index) => {
    return { number: index + 1, title: "of yesterday", isOpen: true, comments: [], ...issue };
  });
  const requests: string[] = [];
  let failure: { status: number; method: string } | undefined;
  const { url, close } = await serve((request, response) => {
    void readFields(request).then((fields) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", url);
      const { method = "" } = request;
      requests.push(`${method} ${pathname}`);
      const send = (status: number, value: unknown, headers: Record<string, string> = {}) => {
        response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(value));
      };
      const isGithub = request.headers.authorization !== undefined;
      const token = request.headers["private-token"] ?? request.headers.authorization?.replace("Bearer ", "");
      if (failure?.method === method && pathname !== "/user") {
        send(failure.status, { message: `${failure.status} told` });
        return;
      }
      if (token !== "secret") {
        send(401, { message: "401 Unauthorized" });
        return;
      }
      if (pathname === "/user") {
        // GitHub tells the token of a run nothing of a user.
        if (isGithub) send(403, { message: "Resource not accessible by integration" });
        else send(200, { id: ourselves, username: "bot" });
        return;
      }
      const show = isGithub ? asGithub : asGitlab;
      if (list.test(pathname) && method === "POST") {
        send(201, show(add(issues, fields, isGithub)));
        return;
      }
      if (list.test(pathname)) {
        const page = Number(searchParams.get("page") ?? "1");
        // GitHub shows only what is open, unless it is asked for all.
        const shown = issues.filter(({ isOpen }) => isOpen || searchParams.get("state") === "all").toReversed();
        const next = `<${url}${pathname}?state=all&page=${page + 1}>; rel="next"`;
        const link = shown.length > page * pageSize ? { Link: next } : undefined;
        send(200, shown.slice((page - 1) * pageSize, page * pageSize).map(show), link);
        return;
      }
      const [, number, comments] = single.exec(pathname) ?? [];
      const issue = issues.find((one) => String(one.number) === number);
      if (issue === undefined) send(404, { message: "404 Not found" });
      else if (comments === (isGithub ? "/comments" : "/notes") && method === "POST") {
        issue.comments.push(String(fields["body"]));
        send(201, { id: 1 });
      } else if (comments === undefined && method === (isGithub ? "PATCH" : "PUT")) {
        change(issue, fields, isGithub);
        send(200, show(issue));
      } else send(404, { message: "404 Not found" });
    });
  });
  return {
    url,
    issues,
    requests,
    fail: (status, method) => {
      failure = { status, method };
    },
    close,
  };
}

function add(issues: KeptIssue[], fields: Fields, isGithub: boolean): KeptIssue {
  const added: KeptIssue = {
    ...{ number: issues.length + 1, authorId: ourselves, title: "", body: "", isOpen: true, comments: [] },
    ...(fields["confidential"] === true && !isGithub ? { confidential: true } : {}),
  };
  change(added, fields, isGithub);
  issues.push(added);
  return added;
}

function change(issue: KeptIssue, fields: Fields, isGithub: boolean): void {
  const { title, body, description, state, state_event: event } = fields as Readonly<Record<string, string>>;
  issue.title = title ?? issue.title;
  issue.body = (isGithub ? body : description) ?? issue.body;
  if (isGithub ? state !== undefined : event !== undefined)
    issue.isOpen = isGithub ? state === "open" : event === "reopen";
}

function asGithub({ number, title, body, authorId, isOpen, isPullRequest }: KeptIssue): object {
  const user = { id: authorId, type: authorId === ourselves ? "Bot" : "User" };
  const more = isPullRequest === true ? { pull_request: { url: "…" } } : {};
  return { id: 1000 + number, number, title, body, user, state: isOpen ? "open" : "closed", ...more };
}

/** GitLab keeps texts without the white space at their end. */
function asGitlab({ number, title, body, authorId, isOpen }: KeptIssue): object {
  const state = isOpen ? "opened" : "closed";
  return { id: 1000 + number, iid: number, title, description: body.trimEnd(), author: { id: authorId }, state };
}
