interface Branch<T> {
  readonly fixed: Map<string, Branch<T>>;
  /** What follows where a path has a parameter; none has a fixed name beside it. */
  parameter?: { readonly name: string; readonly branch: Branch<T> };
  readonly methods: Map<string, T>;
}

/** A volume's name and a network have slashes, which few clients encode; both end their paths. */
const withSlashes = new Set(["volume", "cidr"]);

/** Finds what belongs to a method and a path. As routes of the server, 675 endpoints would take most of its start. */
export class RouteTable<T> {
  readonly #root: Branch<T> = newBranch();

  /** Adds `GET` and `/nodes/{node}/status`. */
  add(method: string, pattern: string, route: T): void {
    let branch = this.#root;
    for (const segment of pattern.slice(1).split("/")) {
      const name = /^\{(.+)\}$/.exec(segment)?.[1];
      if (name === undefined) {
        const next = branch.fixed.get(segment) ?? newBranch<T>();
        branch.fixed.set(segment, next);
        branch = next;
      } else branch = (branch.parameter ??= { name, branch: newBranch() }).branch;
    }
    branch.methods.set(method, route);
  }

  /** What was added for a path, which is still encoded, with the values of its parameters. */
  find(
    method: string,
    path: string,
  ): { readonly route: T; readonly parameters: Readonly<Record<string, string>> } | undefined {
    const parameters: Record<string, string> = {};
    const segments = path.replace(/\/$/, "").slice(1).split("/");
    let branch = this.#root;
    for (const [index, segment] of segments.entries()) {
      const { parameter } = branch;
      const next = branch.fixed.get(segment) ?? (segment === "" ? undefined : parameter?.branch);
      if (next === undefined) return undefined;
      const name = next === parameter?.branch ? parameter.name : undefined;
      branch = next;
      if (name === undefined) continue;
      const rest = withSlashes.has(name);
      parameters[name] = decodeURIComponent(rest ? segments.slice(index).join("/") : segment);
      if (rest) break;
    }
    const route = branch.methods.get(method);
    return route === undefined ? undefined : { route, parameters };
  }
}

function newBranch<T>(): Branch<T> {
  return { fixed: new Map(), methods: new Map() };
}
