interface Template {
  readonly architecture: string;
  readonly description: string;
  readonly headline: string;
  readonly infopage: string;
  readonly location: string;
  readonly maintainer: string;
  readonly os: string;
  readonly package: string;
  readonly section: string;
  readonly source: string;
  readonly template: string;
  readonly type: "lxc";
  readonly version: string;
  /** In bytes; not shown. */
  readonly size: number;
}

/** Container templates of Proxmox's own list, as `pveam available` shows it. */
export const applianceTemplates: readonly Template[] = [
  template("alpine-3.22-default", "20250617", "Alpine 3.22", 3_100_000, "tar.xz"),
  template("debian-12-standard", "12.12-1", "Debian 12 Bookworm (standard)", 126_000_000),
  template("debian-13-standard", "13.1-2", "Debian 13 Trixie (standard)", 129_000_000),
  template("ubuntu-24.04-standard", "24.04-2", "Ubuntu 24.04 Noble (standard)", 141_000_000),
];

function template(name: string, version: string, headline: string, size: number, format = "tar.zst"): Template {
  const file = `${name}_${version}_amd64.${format}`;
  return {
    architecture: "amd64",
    description: headline,
    headline,
    infopage: "https://pve.proxmox.com/wiki/Linux_Container#pct_container_images",
    location: `http://download.proxmox.com/images/system/${file}`,
    maintainer: "Proxmox Support Team <support@proxmox.com>",
    os: name.split("-").slice(0, 2).join("-"),
    package: name,
    section: "system",
    source: "http://download.proxmox.com/images",
    template: file,
    type: "lxc",
    version,
    size,
  };
}
