import type { Inventory } from "../../inventory/inventory.ts";
import type { NamedGuest } from "../named-guests.ts";
import { partName } from "../names.ts";
import { sortedEntries } from "../sorted.ts";
import type { FilePlan, StepPlan, TextPlan } from "../steps.ts";
import { planPackages } from "./install-packages.ts";
import { planDashboardPassword } from "./traefik/dashboard.ts";
import { renderDmzDynamic, renderInternalDynamic, type DynamicConfiguration } from "./traefik/dynamic-configuration.ts";
import { places, programOf } from "./traefik/places.ts";
import { planRelease } from "./traefik/release.ts";
import { dashboardHost, internalTraefiks, planDmzRoutes, planInternalRoutes, standsOutside } from "./traefik/routes.ts";
import { renderDmzStatic, renderInternalStatic } from "./traefik/static-configuration.ts";
import { renderUnit } from "./traefik/unit.ts";

type Settings = NonNullable<Inventory["services"]["traefik"]>;
type Internal = NonNullable<Settings["internal"]>;

/** Decides how a guest that runs Traefik is set up; nothing where the inventory has no settings for it. */
export function planTraefik(named: NamedGuest, inventory: Inventory): StepPlan[] {
  const { traefik: settings } = inventory.services;
  if (settings === undefined) return [];
  if (standsOutside(named.guest, inventory)) return planDmzTraefik(named, settings, inventory);
  const { internal } = settings;
  return internal === undefined ? [] : planInternalTraefik(named, settings, internal, inventory);
}

function planInternalTraefik(
  { name }: NamedGuest,
  settings: Settings,
  internal: Internal,
  inventory: Inventory,
): StepPlan[] {
  const { certificates, dashboardPasswordSecret } = internal;
  const dynamic = renderInternalDynamic(planInternalRoutes(inventory), {
    dashboardHosts: internalTraefiks(inventory).map((replica) => dashboardHost(replica.name, inventory)),
    ...(certificates.kind === "file" ? { chain: certificates.chain } : {}),
  });
  return [
    planPackages({
      name: partName(name, "traefik-packages"),
      versions: { "apache2-utils": "*", "ca-certificates": "*", curl: "*" },
    }),
    planRelease(name, settings),
    planDashboardPassword(name, dashboardPasswordSecret),
    planProgram(name, settings, [
      publicFile(places.staticConfiguration, renderInternalStatic(settings, internal, inventory.services.domain)),
      ...credentialFiles(certificates),
    ]),
    planRoutes(name, settings, dynamic, keyFiles(certificates)),
  ];
}

function planDmzTraefik(named: NamedGuest, settings: Settings, inventory: Inventory): StepPlan[] {
  const { name, guest } = named;
  const publish = guest.firewall?.publish ?? [];
  const dynamic = renderDmzDynamic(planDmzRoutes(named, inventory), {
    ...settings.dmz,
    redirects: publish.includes(80),
  });
  return [
    planPackages({ name: partName(name, "traefik-packages"), versions: { "ca-certificates": "*", curl: "*" } }),
    planRelease(name, settings),
    planProgram(name, settings, [publicFile(places.staticConfiguration, renderDmzStatic(settings, publish))]),
    planRoutes(name, settings, dynamic, []),
  ];
}

/** What Traefik reads when it starts: a change of it restarts it. */
function planProgram(guest: string, { version }: Settings, files: readonly FilePlan[]): StepPlan {
  const credentials = files.some(({ path }) => path === places.credentials);
  return {
    name: partName(guest, "traefik"),
    files: [...files, publicFile(places.unit, renderUnit({ version, credentials }))],
    // Of all commands this one reads the file and starts nothing; whether somebody answers it is of no matter here.
    check: `said=$(${programOf(version)} healthcheck --configFile="$STAGED${places.staticConfiguration}" 2>&1) || true
case "$said" in
*'command healthcheck error'*) printf '%s\\n' "$said" >&2; exit 1 ;;
esac`,
    // Traefik watches a file of routes that is there when it starts, and never one that comes later.
    activate: `[ -e ${places.dynamicConfiguration} ] || echo '# Nothing is routed yet.' >${places.dynamicConfiguration}
systemctl daemon-reload
systemctl enable --quiet traefik.service
systemctl restart traefik.service`,
    verify: `systemctl is-enabled --quiet traefik.service
systemctl is-active --quiet traefik.service`,
    settleSeconds: 10,
    units: ["traefik"],
  };
}

/** What Traefik reads again whenever it changes, without a restart. */
function planRoutes(
  guest: string,
  { version }: Settings,
  { text, probeUrl }: DynamicConfiguration,
  files: readonly FilePlan[],
): StepPlan {
  return {
    name: partName(guest, "traefik-routes"),
    files: [...files, publicFile(places.dynamicConfiguration, text)],
    // There is no command that reads it: a second Traefik, which nobody can reach, does within seconds. What it is told
    // stands in a file, too: otherwise it would take the one in /etc/traefik and nothing of its command line.
    check: `settings=$STAGED/check.yml
cat >"$settings" <<END
global: { checkNewVersion: false, sendAnonymousUsage: false }
log: { level: DEBUG, noColor: true }
entryPoints: { check: { address: "127.0.0.1:0" } }
providers: { file: { watch: false, filename: "$STAGED${places.dynamicConfiguration}" } }
END
for seconds in 3 10 30; do
  said=$(timeout "$seconds" ${programOf(version)} --configFile="$settings" 2>&1) || true
  case "$said" in
  *'Cannot start the provider'* | *providerName=file*) break ;;
  esac
done
rm -f "$settings"
case "$said" in
*'Cannot start the provider'*) printf '%s\\n' "$said" | grep -F 'Cannot start the provider' >&2; exit 1 ;;
*providerName=file*) ;;
*) printf 'Traefik has not read it within 30 seconds, and says:\\n%s\\n' "$said" >&2; exit 1 ;;
esac`,
    // Traefik takes over the file within some seconds, if it has been there when Traefik started.
    activate: `systemctl is-active --quiet traefik.service || systemctl start traefik.service
answers() { curl -fs -m 5 -o /dev/null ${probeUrl}; }
for _ in 1 2 3 4 5; do
  ! answers || break
  sleep 1
done
answers || systemctl restart traefik.service`,
    verify: `curl -fs -m 5 -o /dev/null ${probeUrl}`,
    settleSeconds: 15,
    units: ["traefik"],
  };
}

function credentialFiles(certificates: Internal["certificates"]): FilePlan[] {
  if (certificates.kind !== "dnsChallenge") return [];
  const { credentials, authority, provider } = certificates;
  const reason = `Traefik proves with it to ${provider} that the domain is ours.`;
  const text = sortedEntries(credentials).flatMap(([variable, secret]): TextPlan => [
    `${variable}='`,
    { secret, reason },
    "'\n",
  ]);
  return [
    // Only systemd reads it, before it becomes another user.
    { path: places.credentials, mode: "0600", owner: "root:root", text },
    ...(authority === undefined ? [] : [publicFile(places.authority, authority)]),
  ];
}

function keyFiles(certificates: Internal["certificates"]): FilePlan[] {
  if (certificates.kind !== "file") return [];
  const reason = "It is the key of the certificate in services.traefik.internal.certificates.";
  return [
    publicFile(places.chain, certificates.chain),
    { path: places.key, mode: "0640", owner: "root:traefik", text: [{ secret: certificates.keySecret, reason }, "\n"] },
  ];
}

function publicFile(path: string, text: string): FilePlan {
  return { path, mode: "0644", owner: "root:root", text: [text.endsWith("\n") ? text : `${text}\n`] };
}
