import { ApiError } from "../api-error.ts";

/** What a certificate authority says of itself. */
export interface Directory {
  readonly name: string;
  readonly url: string;
  readonly host: string;
  readonly meta: {
    readonly termsOfService: string;
    readonly website: string;
    readonly caaIdentities: readonly string[];
  };
}

const termsOfService = "https://letsencrypt.org/documents/LE-SA-v1.6-August-18-2025.pdf";
const caaIdentities = ["letsencrypt.org"];

const production: Directory = {
  name: "Let's Encrypt V2",
  url: "https://acme-v02.api.letsencrypt.org/directory",
  host: "acme-v02.api.letsencrypt.org",
  meta: { termsOfService, caaIdentities, website: "https://letsencrypt.org" },
};

/** The certificate authorities that Proxmox knows by name. */
export const directories: readonly Directory[] = [
  production,
  {
    name: "Let's Encrypt V2 Staging",
    url: "https://acme-staging-v02.api.letsencrypt.org/directory",
    host: "acme-staging-v02.api.letsencrypt.org",
    meta: { termsOfService, caaIdentities, website: "https://letsencrypt.org/docs/staging-environment/" },
  },
];

/**
 * A certificate authority by its address; the simulator reaches no other than those that Proxmox knows.
 * @throws {ApiError} 501
 */
export function findDirectory(url: string = production.url): Directory {
  const directory = directories.find((candidate) => candidate.url === url);
  if (directory === undefined) throw new ApiError(501, `the simulator does not know the ACME directory '${url}' yet`);
  return directory;
}
