/** What a container template brings along. */
export interface Distribution {
  /** The setting of the container. */
  readonly ostype: string;
  /** The lines of /etc/os-release. */
  readonly release: Readonly<Record<string, string>>;
  /** Files besides. */
  readonly files: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, string>>;
  /** Units that are started at boot. */
  readonly services: readonly string[];
}

const debianServices = [
  "console-getty",
  "cron",
  "dbus",
  "networking",
  "postfix",
  "ssh",
  "systemd-journald",
  "systemd-logind",
];

/** The distribution in a template or backup, by its file's name; undefined where that says nothing. */
export function distributionOf(file: string): Distribution | undefined {
  const name = file.split("/").at(-1) ?? file;
  return makers.flatMap(([pattern, make]) => pattern.exec(name)?.slice(1, 2).map(make) ?? []).at(0);
}

/** What a container has whose template's name says nothing, by its ostype. */
export function plainDistribution(ostype: string): Distribution {
  const maker = makers.find(([, , type]) => type === ostype);
  return maker?.[1](maker[3]) ?? { ostype, release: {}, files: {}, packages: {}, services: [] };
}

type Maker = (version: string) => Distribution;

const makers: readonly (readonly [pattern: RegExp, make: Maker, ostype: string, version: string])[] = [
  [/^debian-(\d+)/, debian, "debian", "13"],
  [/^devuan-(\d+)/, devuan, "devuan", "5"],
  [/^ubuntu-(\d+\.\d+)/, ubuntu, "ubuntu", "24.04"],
  [/^alpine-(\d+\.\d+)/, alpine, "alpine", "3.22"],
  [/^(?:almalinux|rockylinux|centos)-(\d+)/, enterpriseLinux, "centos", "10"],
  [/^fedora-(\d+)/, fedora, "fedora", "42"],
  [/^archlinux-(\w+)/, archLinux, "archlinux", "base"],
  [/^opensuse-(\d+\.\d+)/, openSuse, "opensuse", "15.6"],
  [/^gentoo-(\w+)/, gentoo, "gentoo", "current"],
  [/^nixos-(\w+)/, nixos, "nixos", "current"],
];

function debian(version: string): Distribution {
  const codename = { "11": "bullseye", "12": "bookworm", "13": "trixie" }[version] ?? "sid";
  const point = { "11": "11.11", "12": "12.12", "13": "13.1" }[version] ?? version;
  return {
    ostype: "debian",
    release: {
      PRETTY_NAME: `"Debian GNU/Linux ${version} (${codename})"`,
      NAME: '"Debian GNU/Linux"',
      VERSION_ID: `"${version}"`,
      VERSION: `"${version} (${codename})"`,
      VERSION_CODENAME: codename,
      DEBIAN_VERSION_FULL: point,
      ID: "debian",
      HOME_URL: '"https://www.debian.org/"',
      SUPPORT_URL: '"https://www.debian.org/support"',
      BUG_REPORT_URL: '"https://bugs.debian.org/"',
    },
    files: { "/etc/debian_version": `${point}\n` },
    packages: debianPackages(version),
    services: debianServices,
  };
}

/** Versions of Debian 13; an older release has older ones, which nobody has asked for yet. */
function debianPackages(version: string): Record<string, string> {
  if (version === "12") {
    return {
      adduser: "3.134",
      apt: "2.6.1",
      "base-files": "12.4+deb12u12",
      bash: "5.2.15-2+b9",
      "ca-certificates": "20230311+deb12u1",
      coreutils: "9.1-1",
      cron: "3.0pl1-162",
      dbus: "1.14.10-1~deb12u1",
      dpkg: "1.21.22",
      gpgv: "2.2.40-1.1+deb12u1",
      ifupdown: "0.8.41",
      iproute2: "6.1.0-3",
      libc6: "2.36-9+deb12u13",
      locales: "2.36-9+deb12u13",
      "openssh-client": "1:9.2p1-2+deb12u7",
      "openssh-server": "1:9.2p1-2+deb12u7",
      passwd: "1:4.13+dfsg1-1+deb12u1",
      "perl-base": "5.36.0-7+deb12u3",
      postfix: "3.7.11-0+deb12u1",
      "python3-minimal": "3.11.2-1+b1",
      systemd: "252.39-1~deb12u1",
      tar: "1.34+dfsg-1.2+deb12u1",
      tzdata: "2025b-0+deb12u2",
      wget: "1.21.3-1+deb12u1",
    };
  }
  return {
    adduser: "3.152",
    apt: "3.0.3",
    "base-files": "13.8+deb13u1",
    bash: "5.2.37-2+b5",
    "ca-certificates": "20250419",
    coreutils: "9.7-3",
    cron: "3.0pl1-197",
    dbus: "1.16.2-2",
    dpkg: "1.22.21",
    ifupdown: "0.8.44",
    iproute2: "6.15.0-1",
    libc6: "2.41-12",
    locales: "2.41-12",
    "openssh-client": "1:10.0p1-7",
    "openssh-server": "1:10.0p1-7",
    passwd: "1:4.17.4-2",
    "perl-base": "5.40.1-6",
    postfix: "3.10.4-1~deb13u1",
    "python3-minimal": "3.13.5-1",
    sqv: "1.3.0-3",
    systemd: "257.8-1~deb13u2",
    tar: "1.35+dfsg-3.1",
    tzdata: "2025b-4+deb13u1",
    wget: "1.25.0-2",
  };
}

function devuan(version: string): Distribution {
  return {
    ostype: "devuan",
    release: { PRETTY_NAME: `"Devuan GNU/Linux ${version}"`, NAME: '"Devuan GNU/Linux"', ID: "devuan" },
    files: { "/etc/devuan_version": `${version}\n` },
    packages: debianPackages("12"),
    services: ["cron", "networking", "ssh"],
  };
}

function ubuntu(version: string): Distribution {
  const codename = { "22.04": "jammy", "24.04": "noble", "25.04": "plucky", "26.04": "resolute" }[version] ?? "devel";
  return {
    ostype: "ubuntu",
    release: {
      PRETTY_NAME: `"Ubuntu ${version} LTS"`,
      NAME: '"Ubuntu"',
      VERSION_ID: `"${version}"`,
      VERSION_CODENAME: codename,
      ID: "ubuntu",
      ID_LIKE: "debian",
      UBUNTU_CODENAME: codename,
    },
    files: { "/etc/lsb-release": `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${version}\nDISTRIB_CODENAME=${codename}\n` },
    packages: {
      apt: "2.7.14build2",
      bash: "5.2.21-2ubuntu4",
      "ca-certificates": "20240203",
      coreutils: "9.4-3ubuntu6",
      cron: "3.0pl1-184ubuntu2",
      dpkg: "1.22.6ubuntu6",
      "netplan.io": "1.0-2ubuntu1",
      "openssh-server": "1:9.6p1-3ubuntu13",
      postfix: "3.8.6-1build2",
      "python3-minimal": "3.12.3-0ubuntu1",
      systemd: "255.4-1ubuntu8",
    },
    services: [...debianServices.filter((name) => name !== "networking"), "systemd-networkd"],
  };
}

function alpine(version: string): Distribution {
  return {
    ostype: "alpine",
    release: {
      NAME: '"Alpine Linux"',
      ID: "alpine",
      VERSION_ID: `${version}.0`,
      PRETTY_NAME: `"Alpine Linux v${version}"`,
    },
    files: { "/etc/alpine-release": `${version}.0\n` },
    packages: {
      "alpine-base": `${version}.0-r0`,
      "apk-tools": "2.14.9-r2",
      busybox: "1.37.0-r18",
      openrc: "0.62.6-r0",
    },
    services: ["crond", "networking", "syslog"],
  };
}

function enterpriseLinux(version: string): Distribution {
  return {
    ostype: "centos",
    release: { NAME: '"AlmaLinux"', ID: '"almalinux"', ID_LIKE: '"rhel centos fedora"', VERSION_ID: `"${version}"` },
    files: { "/etc/redhat-release": `AlmaLinux release ${version}\n` },
    packages: { bash: "5.2.26-6", dnf: "4.20.0-12", glibc: "2.39-43", NetworkManager: "1.52.0-5", systemd: "257-9" },
    services: ["crond", "dbus-broker", "NetworkManager", "sshd"],
  };
}

function fedora(version: string): Distribution {
  return {
    ostype: "fedora",
    release: { NAME: '"Fedora Linux"', ID: "fedora", VERSION_ID: version },
    files: { "/etc/fedora-release": `Fedora release ${version}\n` },
    packages: { bash: "5.2.37-1", dnf5: "5.2.12.0-1", glibc: "2.41-1", systemd: "257.3-7" },
    services: ["dbus-broker", "systemd-networkd"],
  };
}

function archLinux(): Distribution {
  return {
    ostype: "archlinux",
    release: { NAME: '"Arch Linux"', ID: "arch", BUILD_ID: "rolling" },
    files: { "/etc/arch-release": "" },
    packages: { bash: "5.3.3-2", glibc: "2.42-1", pacman: "7.0.0-4", systemd: "258-1" },
    services: ["dbus", "systemd-networkd"],
  };
}

function openSuse(version: string): Distribution {
  return {
    ostype: "opensuse",
    release: { NAME: '"openSUSE Leap"', ID: '"opensuse-leap"', VERSION_ID: `"${version}"` },
    files: {},
    packages: { bash: "4.4-150400", glibc: "2.38-150600", systemd: "254.10-150600", zypper: "1.14.73-150600" },
    services: ["dbus", "wicked"],
  };
}

function gentoo(): Distribution {
  return {
    ostype: "gentoo",
    release: { NAME: "Gentoo", ID: "gentoo" },
    files: { "/etc/gentoo-release": "Gentoo Base System release 2.17\n" },
    packages: { "app-shells/bash": "5.2_p37", "sys-apps/portage": "3.0.68" },
    services: ["netmount"],
  };
}

function nixos(): Distribution {
  return {
    ostype: "nixos",
    release: { NAME: "NixOS", ID: "nixos" },
    files: {},
    packages: { nix: "2.28.3" },
    services: ["nix-daemon", "sshd", "systemd-networkd"],
  };
}
