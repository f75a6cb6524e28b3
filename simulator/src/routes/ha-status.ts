import { ApiError } from "../api-error.ts";
import { guestOf, requestedState, resourceFormat, serviceState } from "../ha/state.ts";
import type { Handlers } from "../handlers.ts";
import { sectionsOf, showSection } from "../section-file.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** What HA does now. */
export const haStatusHandlers: Handlers = {
  "GET /cluster/ha/status/current": (_parameters, { world }) => {
    const resources = Object.entries(sectionsOf(world, resourceFormat)).sort(([a], [b]) => (a < b ? -1 : 1));
    const local = masterOf(world);
    return [
      { id: "quorum", type: "quorum", node: local, status: "OK", quorate: 1 as const },
      ...(resources.length === 0 ? [] : [describeMaster(world)]),
      ...Object.keys(world.state.nodes).map((node) => describeNodeManager(world, node)),
      ...resources.map(([sid, resource]) => describeService(world, sid, resource)),
    ];
  },
  "GET /cluster/ha/status/manager_status": (_parameters, { world }) => {
    const nodes = Object.keys(world.state.nodes);
    const timestamp = world.seconds();
    return {
      manager_status: {
        master_node: masterOf(world),
        node_status: Object.fromEntries(nodes.map((node) => [node, "online"])),
        service_status: Object.fromEntries(
          Object.entries(sectionsOf(world, resourceFormat)).map(([sid, resource]) => {
            const guest = guestOf(world, sid);
            return [sid, { node: guest?.node, state: serviceState(resource, guest) }];
          }),
        ),
        timestamp,
      },
      quorum: { node: masterOf(world), quorate: "1" },
      lrm_status: Object.fromEntries(
        nodes.map((node) => [
          node,
          { mode: "active", state: isIdle(world, node) ? "wait_for_agent_lock" : "active", results: {}, timestamp },
        ]),
      ),
    };
  },
  "POST /cluster/ha/status/arm-ha": () => {
    throw new ApiError(501, "the simulator does not know an HA stack that is disarmed yet");
  },
  "POST /cluster/ha/status/disarm-ha": () => {
    throw new ApiError(501, "the simulator does not know an HA stack that is disarmed yet");
  },
};

function masterOf(world: World): string {
  return Object.keys(world.state.nodes)[0] ?? "";
}

function describeMaster(world: World) {
  const node = masterOf(world);
  const timestamp = world.seconds();
  return { id: "master", type: "master", node, status: `${node} (active, ${localTime(world)})`, timestamp };
}

function describeNodeManager(world: World, node: string) {
  const state = isIdle(world, node) ? "idle" : "active";
  const timestamp = world.seconds();
  return { id: `lrm:${node}`, type: "lrm", node, status: `${node} (${state}, ${localTime(world)})`, timestamp };
}

function isIdle(world: World, node: string): boolean {
  return !Object.keys(sectionsOf(world, resourceFormat)).some((sid) => guestOf(world, sid)?.node === node);
}

function describeService(world: World, sid: string, resource: Section) {
  const guest = guestOf(world, sid);
  const node = guest?.node ?? "---";
  const state = serviceState(resource, guest);
  const { type: _type, state: _state, ...settings } = showSection(resourceFormat, resource);
  return {
    failback: 1 as const,
    "auto-rebalance": 1 as const,
    max_restart: 1,
    max_relocate: 1,
    ...settings,
    id: `service:${sid}`,
    type: "service",
    sid,
    node,
    state: verboseState(state, guest?.status),
    crm_state: state,
    request_state: requestedState(resource),
    status: `${sid} (${node}, ${verboseState(state, guest?.status)})`,
  };
}

/** A resource that is asked to run shows that it does not do so yet. */
function verboseState(state: string, status: string | undefined): string {
  if (state === "started" && status !== "running") return "starting";
  return state === "request_stop" ? "stopping" : state;
}

/** As Perl's localtime has it: `Thu Jan  1 00:00:00 2026`. */
function localTime(world: World): string {
  const now = world.clock.now();
  const text = now.toUTCString();
  const [weekday = "", , month = "", year = "", time = ""] = text.split(" ");
  return `${weekday.slice(0, 3)} ${month} ${String(now.getUTCDate()).padStart(2)} ${time} ${year}`;
}
