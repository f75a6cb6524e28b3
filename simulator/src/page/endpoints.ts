import { facts, type EndpointKey } from "../api/facts.ts";
import { findHandler } from "../routes/find-handler.ts";

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly implemented: boolean;
}

/** A page that lists every endpoint of Proxmox VE's API, and whether the simulator has it. */
export function renderEndpoints(): string {
  const endpoints = (Object.keys(facts) as EndpointKey[]).map((key): Endpoint => {
    const [method = "", path = ""] = key.split(" ");
    return { method, path, implemented: findHandler(key) !== undefined };
  });
  endpoints.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const names = [...new Set(endpoints.map(folderOf))];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Endpoints · Proxmox VE simulator</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/simulator/page.css" />
  </head>
  <body>
    <header><h1>Endpoints</h1><p>${countOf(endpoints)} of Proxmox VE’s API are here.</p><nav><a href="/">Cluster</a></nav></header>
    <main>
${names
  .map((name) =>
    renderGroup(
      name,
      endpoints.filter((endpoint) => folderOf(endpoint) === name),
    ),
  )
  .join("\n")}
    </main>
  </body>
</html>
`;
}

function renderGroup(name: string, group: readonly Endpoint[]): string {
  const rows = group.map(
    ({ method, path, implemented }) =>
      `<tr><td><code>${method}</code></td><td><code>${path}</code></td><td><span class="state ${implemented ? 'good">implemented' : 'off">not implemented'}</span></td></tr>`,
  );
  return `<section>
<h2>/${name} <small>${countOf(group)}</small></h2>
<div class="table"><table>
<thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">Simulator</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
</section>`;
}

function folderOf({ path }: Endpoint): string {
  return path.split("/")[1] ?? "";
}

function countOf(endpoints: readonly Endpoint[]): string {
  return `${endpoints.filter(({ implemented }) => implemented).length} of ${endpoints.length}`;
}
