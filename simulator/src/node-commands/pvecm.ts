import { countVotes, isQuorate } from "../node/quorum.ts";
import type { CommandTree, Site } from "./command-tree.ts";

/** `pvecm`: https://pve.proxmox.com/pve-docs/pvecm.1.html */
export const pvecmCommands: CommandTree = {
  nodes: ({ out }, site) => {
    const rows = Object.values(site.world.state.nodes).map(
      ({ name, id }) => `${String(id).padStart(10)}          1 ${name}${name === site.node ? " (local)" : ""}\n`,
    );
    out(`\n${heading}${rows.join("")}`);
    return 0;
  },
  status: ({ out }, site) => {
    const { world, node } = site;
    const { name, nodes } = world.state;
    const count = Object.keys(nodes).length;
    const votes = countVotes(world.state);
    const quorate = isQuorate(world.state);
    const id = world.node(node).id;
    out(
      [
        "Cluster information\n-------------------\n",
        `Name:             ${name}\nConfig Version:   ${count}\nTransport:        knet\nSecure auth:      on\n\n`,
        "Quorum information\n------------------\n",
        `Date:             ${world.clock.now().toUTCString().replace(/ GMT$/, "").replace(",", "")}\n`,
        `Quorum provider:  corosync_votequorum\nNodes:            ${votes.total}\nNode ID:          0x0000000${id}\n`,
        `Ring ID:          1.${count}\nQuorate:          ${quorate ? "Yes" : "No"}\n\n`,
        "Votequorum information\n----------------------\n",
        `Expected votes:   ${count}\nHighest expected: ${count}\nTotal votes:      ${votes.total}\n`,
        `Quorum:           ${votes.quorum}  ${quorate ? "" : "Activity blocked"}\nFlags:            ${quorate ? "Quorate " : ""}\n\n`,
        membership(site),
      ].join(""),
    );
    return 0;
  },
};

const heading = "Membership information\n----------------------\n    Nodeid      Votes Name\n";

function membership({ world, node }: Site): string {
  const members = Object.values(world.state.nodes).filter(({ off }) => off !== true);
  const rows = members.map(
    ({ name, id, address }) => `0x0000000${id}          1 ${address}${name === node ? " (local)" : ""}\n`,
  );
  return heading + rows.join("");
}
