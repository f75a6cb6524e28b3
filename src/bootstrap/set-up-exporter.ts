import { exporterRole } from "../doctor/roles.ts";
import { exporterToken } from "../plan/services/exporter-token.ts";
import type { AdminApi } from "./admin-api.ts";
import { readAccess } from "./read-access.ts";
import { refuseObstacles, setUpTokenOwner, type TokenOwnerResult } from "./set-up-token-owner.ts";

/**
 * Makes the token with which Prometheus's exporter reads the whole cluster; what is so already is left alone.
 * @throws {BootstrapError} before the first change, where it cannot be done
 */
export async function setUpExporter(
  api: AdminApi,
  { tokenWorks, rotate }: { readonly tokenWorks: boolean; readonly rotate: boolean },
): Promise<TokenOwnerResult> {
  const existing = await readAccess(api, [exporterRole], exporterToken);
  refuseObstacles(existing, exporterToken, tokenWorks || rotate);
  const grants = [{ path: "/", role: exporterRole, propagate: true }];
  const access = { token: exporterToken, grants, comment: "Prometheus asks how the cluster is" };
  return setUpTokenOwner(api, access, existing, rotate);
}
