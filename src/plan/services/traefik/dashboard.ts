import { partName } from "../../names.ts";
import type { StepPlan } from "../../steps.ts";
import { places } from "./places.ts";

const { dashboardPassword, dashboardUsers } = places;

/** Decides the step that lets `admin` look at the dashboard with a password; Traefik itself gets to know its hash only. */
export function planDashboardPassword(guest: string, secret: string): StepPlan {
  const reason = "Traefik's dashboards ask for it, with the name admin.";
  return {
    name: partName(guest, "traefik-dashboard"),
    files: [
      { path: dashboardPassword, mode: "0600", owner: "root:root", text: [{ secret, reason, generated: true }, "\n"] },
    ],
    activate: `rm -f ${dashboardUsers}.new
htpasswd -niB -C 10 admin <${dashboardPassword} >${dashboardUsers}.new
chown root:traefik ${dashboardUsers}.new
chmod 0640 ${dashboardUsers}.new
mv -f ${dashboardUsers}.new ${dashboardUsers}
# It is not there yet when this is done for the first time.
if systemctl is-active --quiet traefik.service; then systemctl restart traefik.service; fi`,
    verify: `htpasswd -vi ${dashboardUsers} admin <${dashboardPassword} >/dev/null 2>&1`,
    units: ["traefik"],
  };
}
