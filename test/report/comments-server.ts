import { readFields, serve } from "./serve.ts";

/** A comment as the server keeps it. */
export interface KeptComment {
  readonly id: number;
  readonly authorId: number;
  body: string;
}

/** A server that lists, adds and changes comments as GitLab's and GitHub's do, page by page. */
export interface CommentsServer {
  readonly url: string;
  readonly comments: KeptComment[];
  /** `POST /path`, in order. */
  readonly requests: string[];
  /** Answers every request like this from now on; where `path` is given, only those whose path has it. */
  fail: (status: number, path?: string) => void;
  readonly close: () => Promise<void>;
}

/** Whose the token `secret` is. */
export const ourselves = 7;
const pageSize = 2;

/** Starts a server whose comments belong to merge request 5 of project 12, and to pull request 5 of `me/homelab`. */
export async function startCommentsServer(
  bodies: readonly (readonly [authorId: number, body: string])[],
): Promise<CommentsServer> {
  const comments = bodies.map(([authorId, body], index) => ({ id: 100 + index, authorId, body }));
  const requests: string[] = [];
  let failure: { status: number; path: string } | undefined;
  const { url, close } = await serve((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      requests.push(`${request.method ?? ""} ${pathname}`);
      const { body = "" } = (await readFields(request)) as { readonly body?: string };
      const send = (status: number, value: unknown, headers: Record<string, string> = {}) => {
        response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(value));
      };
      const isGithub = pathname.startsWith("/repos/") || request.headers.authorization !== undefined;
      const token = request.headers["private-token"] ?? request.headers.authorization?.replace("Bearer ", "");
      if (failure !== undefined && pathname.includes(failure.path)) {
        send(failure.status, { message: `${failure.status} told` });
      } else if (token !== "secret") {
        send(401, { message: "401 Unauthorized" });
      } else if (pathname === "/user") {
        // GitHub tells the token of a run nothing of a user.
        if (isGithub) send(403, { message: "Resource not accessible by integration" });
        else send(200, { id: ourselves, username: "bot" });
      } else if (
        /^\/(?:projects\/12\/merge_requests\/5\/notes|repos\/me\/homelab\/issues\/5\/comments)$/.test(pathname)
      ) {
        const shown = (comment: KeptComment) => {
          const author = { id: comment.authorId, type: comment.authorId === ourselves ? "Bot" : "User" };
          return { id: comment.id, body: comment.body, ...(isGithub ? { user: author } : { author }) };
        };
        if (request.method === "POST") {
          const added = { id: 100 + comments.length, authorId: ourselves, body };
          comments.push(added);
          send(201, shown(added));
          return;
        }
        const page = Number(searchParams.get("page") ?? "1");
        const rest = comments.length > page * pageSize;
        const next = `${url}${pathname}?page=${page + 1}`;
        send(
          200,
          comments.slice((page - 1) * pageSize, page * pageSize).map(shown),
          rest ? { Link: `<${url}${pathname}?page=1>; rel="first", <${next}>; rel="next"` } : {},
        );
      } else {
        const id = /\/(?:notes|issues\/comments)\/(\d+)$/.exec(pathname)?.[1];
        const comment = comments.find((one) => String(one.id) === id);
        const method = isGithub ? "PATCH" : "PUT";
        if (comment === undefined || request.method !== method) {
          send(404, { message: "404 Not found" });
          return;
        }
        comment.body = body;
        send(200, { id: comment.id, body });
      }
    })();
  });
  return {
    url,
    comments,
    requests,
    fail: (status, path = "") => {
      failure = { status, path };
    },
    close,
  };
}
