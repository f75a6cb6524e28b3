import { otherNode } from "./guests.ts";
import {
  missing,
  seen,
  theOne,
  told,
  unmanaged,
  unseen,
  type Cluster,
  type Expected,
  type Recipe,
  type Target,
} from "./mutation.ts";

type Section = Record<string, string>;

/** How each setting of what is a section of a configuration file is changed: storages, backup jobs, metric servers. */
export const sections: Readonly<Record<string, Readonly<Record<string, Recipe>>>> = {
  "proxmoxve:storage/cifs:Cifs": {
    ...shared(["backup", "images"], "backup,images"),
    options: seen("vers=2.1", storage("options", "vers=2.1")),
    server: seen("10.10.0.77", storage("server", "10.10.0.77")),
    share: seen("mine", storage("share", "mine")),
    username: seen("mallory", storage("username", "mallory")),
    password: unseen("Proxmox VE never returns a storage's password.", ({ storages }, { inputs }) => {
      theOne(storages[String(inputs["resourceId"])], "storage").secret = "mine";
    }),
  },
  "proxmoxve:storage/nfs:Nfs": {
    ...shared(["backup", "images"], "backup,images"),
    options: seen("vers=3", storage("options", "vers=3")),
    server: seen("10.10.0.77", storage("server", "10.10.0.77")),
    export: seen("/mine", storage("export", "/mine")),
  },
  "proxmoxve:storage/directory:Directory": {
    ...shared(["import", "iso", "snippets", "vztmpl", "backup"].sort(), "backup,import,iso,snippets,vztmpl"),
    path: seen("/srv/mine", still(storage("path", "/srv/mine")), { alone: true }),
    shared: seen(
      true,
      (cluster, target) => {
        storage("shared", "1")(cluster, target);
        const { volumes } = cluster;
        volumes["homelab"] = { ...volumes["pve-01/homelab"], ...volumes["pve-02/homelab"] };
      },
      { alone: true },
    ),
  },
  "proxmoxve:storage/zfspool:Zfspool": {
    ...shared(["images"], "images"),
    thinProvision: seen(false, storage("sparse", "0")),
    zfsPool: seen("rpool", storage("pool", "rpool"), { alone: true }),
  },
  "proxmoxve:backup/job:Job": {
    all: seen(false, job("all", "0")),
    bwlimit: seen(77, job("bwlimit", "77")),
    compress: seen("lzo", job("compress", "lzo")),
    enabled: seen(false, job("enabled", "0")),
    excludes: seen(["20010"], job("exclude", "20010"), { was: () => [] }),
    mode: seen("stop", job("mode", "stop")),
    node: told(
      ({ subject, value }) => [{ kind: "changed", what: `${subject}: node`, was: value, is: otherNode(value) }],
      (cluster, target) => {
        job("node", otherNode(target.value))(cluster, target);
      },
    ),
    notesTemplate: seen("mine", job("notes-template", "mine")),
    "pruneBackups.keep-daily": seen("77", kept("keep-daily")),
    "pruneBackups.keep-weekly": seen("77", kept("keep-weekly")),
    "pruneBackups.keep-monthly": seen("77", kept("keep-monthly")),
    repeatMissed: seen(false, job("repeat-missed", "0")),
    resourceId: told(
      ({ subject, inputs }) => [
        missing(subject, `Is not there; there is one like it under another ID: mine-${String(inputs["resourceId"])}.`),
        unmanaged(
          `backup job mine-${String(inputs["resourceId"])}`,
          `${String(inputs["schedule"])} to ${String(inputs["storage"])}`,
        ),
      ],
      ({ sections: { backupJobs } }, { inputs }) => {
        const id = String(inputs["resourceId"]);
        backupJobs[`mine-${id}`] = theOne(backupJobs[id], id);
        Reflect.deleteProperty(backupJobs, id);
      },
      { whole: true },
    ),
    schedule: seen("05:05", job("schedule", "05:05")),
    storage: seen("local", job("storage", "local")),
  },
  "proxmoxve:metrics/server:Server": {
    influxBucket: seen("mine", metrics("bucket", "mine")),
    influxDbProto: seen("https", metrics("influxdbproto", "https")),
    influxOrganization: seen("mine", metrics("organization", "mine")),
    influxToken: unseen("No API tells the token of a metric server.", ({ secrets }) => {
      theOne(secrets?.metricServers?.["influxdb"], "token")["token"] = "mine";
    }),
    name: told(
      ({ subject, inputs }) => [
        missing(subject),
        unmanaged("metric server mine", `influxdb at ${String(inputs["server"])}`),
      ],
      ({ sections: { metricServers } }, { name }) => {
        metricServers["mine"] = theOne(metricServers[name], name);
        Reflect.deleteProperty(metricServers, name);
      },
      { whole: true },
    ),
    port: seen(7777, metrics("port", "7777")),
    server: seen("10.20.0.77", metrics("server", "10.20.0.77")),
    type: seen("graphite", metrics("type", "graphite"), { whole: true }),
  },
};

function shared(contents: readonly string[], written: string): Record<string, Recipe> {
  return {
    contents: seen(contents, storage("content", written)),
    nodes: told(
      ({ subject, value, name }) => [
        { kind: "changed", what: `${subject}: nodes`, was: value, is: otherNodes(value) },
        ...(name === "homelab" ? filesOf("pve-02").map((file) => missing(file)) : []),
      ],
      (cluster, target) => {
        still(storage("nodes", otherNodes(target.value).join(",")))(cluster, target);
      },
      { alone: true },
    ),
    resourceId: told(
      ({ subject, inputs, name }) => [
        missing(subject),
        unmanaged("storage mine", storageType(inputs)),
        ...hiddenBy(name),
      ],
      still(({ storages }, { inputs }) => {
        const id = String(inputs["resourceId"]);
        const own = theOne(storages[id], id);
        Reflect.deleteProperty(storages, id);
        storages["mine"] = { ...own, storage: "mine" };
      }),
      { alone: true },
    ),
  };
}

function storageType(inputs: Target["inputs"]): string {
  if (inputs["zfsPool"] !== undefined) return "zfspool";
  if (inputs["export"] !== undefined) return "nfs";
  return inputs["share"] === undefined ? "dir" : "cifs";
}

/** What is not found any more where its storage has another name. */
function hiddenBy(storage: string): Expected[] {
  if (storage === "homelab") return [...filesOf("pve-01"), ...filesOf("pve-02")].map((file) => missing(file));
  if (storage !== "fast") return [];
  // Of a disk that it does not find the provider tells no format, and the program sets that of the firmware's disk.
  return ["gitlab", "talos-control-01", "talos-control-03", "talos-worker-01"].map((name) => ({
    kind: "changed",
    what: `machine ${name}: efiDisk.fileFormat`,
    was: "raw",
    is: "",
  }));
}

/** The images and snippets of a node. */
function filesOf(node: "pve-01" | "pve-02"): string[] {
  const images = ["debian-13-cloud", "debian-13-container", "talos"].map((name) => `image ${name}-${node}`);
  const guests = node === "pve-01" ? ["gitlab"] : ["gitlab-runner", "traefik-dmz"];
  return [...images, ...guests.map((name) => `snippet ${name}-user-data`)];
}

/** On a real node the folder is there without the storage, with what the steps keep beside it. */
function still(change: (cluster: Cluster, target: Target) => void) {
  return (cluster: Cluster, target: Target) => {
    for (const { files } of Object.values(cluster.nodes)) {
      files["/var/lib/homelab"] = { kind: "folder", mode: 0o755, uid: 0, gid: 0, content: "", mtime: 0 };
    }
    change(cluster, target);
  };
}

function otherNodes(value: unknown): string[] {
  return (value as string[]).length === 2 ? ["pve-01"] : ["pve-01", "pve-02"];
}

function storage(key: string, value: string) {
  return write(({ storages }, { inputs }) => storages[String(inputs["resourceId"])]?.config, key, value);
}

function job(key: string, value: string) {
  return write(({ sections: { backupJobs } }, { inputs }) => backupJobs[String(inputs["resourceId"])], key, value);
}

function kept(key: string) {
  return (cluster: Cluster, target: Target) => {
    const own = theOne(cluster.sections.backupJobs[String(target.inputs["resourceId"])], target.subject);
    own["prune-backups"] = (own["prune-backups"] ?? "").replace(new RegExp(`${key}=\\d+`), `${key}=77`);
  };
}

function metrics(key: string, value: string) {
  return write(({ sections: { metricServers } }, { name }) => metricServers[name], key, value);
}

function write(find: (cluster: Cluster, target: Target) => Section | undefined, key: string, value: string) {
  return (cluster: Cluster, target: Target) => {
    const section = theOne(find(cluster, target), target.subject);
    if (section[key] === value) throw new Error(`${target.subject} has ${key} ${value} already.`);
    section[key] = value;
  };
}
