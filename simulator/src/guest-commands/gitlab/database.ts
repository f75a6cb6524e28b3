import type { Call } from "../../shell/machine.ts";
import { makeFolders } from "../../shell/programs/make-folders.ts";

/** What GitLab keeps in PostgreSQL, as far as the simulator knows. */
export interface Database {
  /** Of the user root, hashed. */
  readonly rootPassword: string;
  /** What an administrator can set: `signup_enabled`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const folder = "/var/opt/gitlab/postgresql/data";
const path = `${folder}/gitlabhq_production.json`;

/** The database of a guest's GitLab; undefined before it is made. */
export function readDatabase({ machine: { files } }: Call): Database | undefined {
  return files.exists(path) ? (JSON.parse(files.read(path).toString("utf8")) as Database) : undefined;
}

/** Replaces the database. */
export function writeDatabase({ machine: { files } }: Call, database: Database): void {
  makeFolders(files, folder, 0o700);
  files.write(path, `${JSON.stringify(database)}\n`, 0o600);
}
