import {
  gone,
  missing,
  nowhere,
  seen,
  theOne,
  told,
  unseen,
  type Cluster,
  type Expected,
  type Recipe,
  type Target,
} from "./mutation.ts";

const mine = "#cloud-config\n";
const flag = nowhere("What the provider does while it makes it.");

/** How each setting of pools, images and snippets is changed. */
export const volumes: Readonly<Record<string, Readonly<Record<string, Recipe | readonly Recipe[]>>>> = {
  "proxmoxve:node/disk/zfs:Zfs": {
    addStorage: flag,
    cleanupConfig: flag,
    cleanupDisks: flag,
    ashift: unseen("No API tells it.", ({ nodes }, { inputs }) => {
      poolOf(nodes, inputs).properties["ashift"] = "9";
    }),
    compression: told(
      ({ inputs }) => [care(inputs, `compression of ${String(inputs["name"])} is off, not lz4.`)],
      ({ nodes }, { inputs }) => {
        theOne(poolOf(nodes, inputs).datasets[String(inputs["name"])], "dataset")["compression"] = "off";
      },
      { alone: true },
    ),
    devices: pool("It is not redundant on /dev/nvme7n1", "does not have the disk", ({ nodes }, { inputs }) => {
      poolOf(nodes, inputs).disks = [newDisk(nodes, inputs)];
    }),
    name: told(
      ({ subject, inputs }) => [
        missing(subject),
        care(inputs, `cannot open '${String(inputs["name"])}': no such pool`),
      ],
      ({ nodes }, { inputs }) => {
        Reflect.deleteProperty(theOne(nodes[String(inputs["nodeName"])], "node").zpools, String(inputs["name"]));
      },
      { alone: true },
    ),
    nodeName: nowhere("Where it is."),
    raidlevel: pool("It is a mirror on /dev/nvme1n1 and /dev/nvme7n1", "has other disks", ({ nodes }, { inputs }) => {
      const { nodeName, name } = inputs;
      const { zpools } = theOne(nodes[String(nodeName)], "node");
      const own = poolOf(nodes, inputs);
      zpools[String(name)] = { ...own, raid: "mirror", disks: [...own.disks, newDisk(nodes, inputs)] };
    }),
  },
  "proxmoxve:download/file:File": {
    checksum: nowhere("No API tells what is in an image."),
    checksumAlgorithm: nowhere("How the checksum is meant."),
    contentType: gone(away(imageOf)),
    datastoreId: gone(away(imageOf)),
    fileName: gone(away(imageOf)),
    nodeName: gone(away(imageOf)),
    overwrite: flag,
    overwriteUnmanaged: flag,
    url: nowhere("An image does not remember where it came from."),
  },
  "proxmoxve:index/fileLegacy:FileLegacy": {
    contentType: gone(away(snippetOf)),
    datastoreId: gone(away(snippetOf)),
    nodeName: gone(away(snippetOf)),
    "sourceRaw.data": [
      seen(
        `${mine.length} bytes`,
        rewritten(() => mine),
        { was: bytesOf },
      ),
      seen(
        "another text of the same length",
        rewritten((text) => text.replace("cloud", "Cloud")),
        { was: bytesOf, how: "the same length" },
      ),
    ],
    "sourceRaw.fileName": gone(away(snippetOf)),
  },
};

function poolOf(nodes: Cluster["nodes"], { nodeName, name }: Target["inputs"]) {
  return theOne(nodes[String(nodeName)]?.zpools[String(name)], String(name));
}

interface Place {
  readonly home: string;
  readonly name: string;
}

function imageOf({ inputs }: Target): Place {
  return { home: homeOf(inputs), name: `${String(inputs["contentType"])}/${String(inputs["fileName"])}` };
}

function snippetOf({ inputs }: Target): Place {
  const { fileName } = inputs["sourceRaw"] as { fileName: string };
  return { home: homeOf(inputs), name: `snippets/${fileName}` };
}

function homeOf({ nodeName, datastoreId }: Target["inputs"]): string {
  return `${String(nodeName)}/${String(datastoreId)}`;
}

function rewritten(edit: (text: string) => string) {
  return (cluster: Cluster, target: Target) => {
    const { home, name } = snippetOf(target);
    const text = edit(String(target.value));
    if (text === target.value) throw new Error(`${target.subject} has this text already.`);
    const volume = { ...theOne(cluster.volumes[home]?.[name], name), size: Buffer.byteLength(text) };
    theOne(cluster.volumes[home], home)[name] = { ...volume, data: Buffer.from(text).toString("base64") };
  };
}

function bytesOf(text: unknown): string {
  return `${Buffer.byteLength(String(text))} bytes`;
}

function away(find: (target: Target) => Place) {
  return ({ volumes: all }: Cluster, target: Target) => {
    const { home, name } = find(target);
    theOne(all[home]?.[name], name);
    Reflect.deleteProperty(theOne(all[home], home), name);
  };
}

function care({ nodeName, name }: Target["inputs"], is: string | RegExp): Expected {
  const what = `step ${String(nodeName)}-${String(name)}-care in ${String(nodeName)}`;
  return { kind: "changed", what, was: "as it was applied", is };
}

/** Two look at how a pool is made: what is asked of the API, and what the step that cares for it verifies. */
function pool(layout: string, complaint: string, change: (cluster: Cluster, target: Target) => void): Recipe {
  return told(
    ({ inputs }) => [
      {
        kind: "changed",
        what: `pool ${String(inputs["name"])}: layout`,
        was: `${String(inputs["raidlevel"])} on ${(inputs["devices"] as string[]).join(", ")}`,
        is: new RegExp(`^${layout}; `),
      },
      care(inputs, new RegExp(`^${String(inputs["name"])} ${complaint}`)),
    ],
    change,
    { alone: true },
  );
}

/** Puts another disk into a node; tells its path. */
function newDisk(nodes: Cluster["nodes"], { nodeName }: Target["inputs"]): string {
  const { disks } = theOne(nodes[String(nodeName)], String(nodeName));
  const [first] = Object.values(disks);
  disks["/dev/nvme7n1"] = { ...theOne(first, "disk"), serial: "MINE", wwn: "eui.mine" };
  return "/dev/nvme7n1";
}
