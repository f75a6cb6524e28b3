import { guestOf, requestedState, resourceFormat, serviceState } from "../ha/state.ts";
import { scheduleRound } from "../ha/manager.ts";
import { isQuorate } from "../node/quorum.ts";
import { localNode } from "./cluster.ts";
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
      isQuorate(world.state)
        ? { id: "quorum", type: "quorum", node: local, status: "OK", quorate: 1 as const }
        : { id: "quorum", type: "quorum", node: local, status: "No quorum!", quorate: 0 as const },
      ...(resources.length === 0 ? [] : [describeMaster(world)]),
      ...(resources.length === 0 && world.state.haDisarmed === undefined ? [] : [describeFencing(world)]),
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
        node_status: Object.fromEntries(nodes.map((node) => [node, isOff(world, node) ? "unknown" : "online"])),
        service_status: Object.fromEntries(
          Object.entries(sectionsOf(world, resourceFormat)).map(([sid, resource]) => {
            const guest = guestOf(world, sid);
            return [sid, { node: guest?.node, state: serviceState(resource, guest) }];
          }),
        ),
        timestamp,
      },
      quorum: { node: masterOf(world), quorate: isQuorate(world.state) ? "1" : "0" },
      lrm_status: Object.fromEntries(
        nodes.map((node) => [
          node,
          { mode: "active", state: isIdle(world, node) ? "wait_for_agent_lock" : "active", results: {}, timestamp },
        ]),
      ),
    };
  },
  "POST /cluster/ha/status/arm-ha": (_parameters, { world }) => {
    delete world.state.haDisarmed;
    scheduleRound(world);
    return null;
  },
  "POST /cluster/ha/status/disarm-ha": ({ "resource-mode": mode }, { world }) => {
    world.state.haDisarmed = mode;
    return null;
  },
};

function masterOf(world: World): string {
  return localNode(world);
}

function isOff({ state }: World, node: string): boolean {
  return state.nodes[node]?.off === true;
}

/** Whether watchdogs would fence a node: they are released where HA is disarmed, and stand by where nothing is managed. */
function describeFencing(world: World) {
  const { haDisarmed } = world.state;
  const managed = Object.keys(sectionsOf(world, resourceFormat)).length > 0;
  const armed =
    haDisarmed === undefined ? (managed ? ("armed" as const) : ("standby" as const)) : ("disarmed" as const);
  return {
    id: "fencing",
    type: "fencing",
    node: masterOf(world),
    status: haDisarmed === undefined ? armed : `${armed} (resource-mode: ${haDisarmed})`,
    "armed-state": armed,
    ...(haDisarmed === undefined ? {} : { resource_mode: haDisarmed }),
  };
}

function describeMaster(world: World) {
  const node = masterOf(world);
  const timestamp = world.seconds();
  return { id: "master", type: "master", node, status: `${node} (active, ${localTime(world)})`, timestamp };
}

function describeNodeManager(world: World, node: string) {
  const state = isOff(world, node) ? "old timestamp - dead?" : isIdle(world, node) ? "idle" : "active";
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
