/** The CPU models that QEMU has, by the vendor that they report; `default` is the node's own. */
export const cpuModels: Readonly<Record<string, "GenuineIntel" | "AuthenticAMD" | "default">> = {
  ...vendorOf(
    "GenuineIntel",
    `
  486 pentium pentium2 pentium3 coreduo core2duo Conroe Penryn Nehalem Nehalem-IBRS Westmere Westmere-IBRS
  SandyBridge SandyBridge-IBRS IvyBridge IvyBridge-IBRS Haswell Haswell-IBRS Haswell-noTSX Haswell-noTSX-IBRS
  Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Skylake-Client Skylake-Client-IBRS Skylake-
  Client-noTSX-IBRS Skylake-Client-v4 Skylake-Server Skylake-Server-IBRS Skylake-Server-noTSX-IBRS Skylake-
  Server-v4 Skylake-Server-v5 Cascadelake-Server Cascadelake-Server-v2 Cascadelake-Server-noTSX Cascadelake-
  Server-v4 Cascadelake-Server-v5 Cooperlake Cooperlake-v2 KnightsMill Icelake-Client Icelake-Client-noTSX
  Icelake-Server Icelake-Server-noTSX Icelake-Server-v3 Icelake-Server-v4 Icelake-Server-v5 Icelake-Server-v6
  Icelake-Server-v7 SapphireRapids SapphireRapids-v2 SapphireRapids-v3 SapphireRapids-v4 GraniteRapids
  GraniteRapids-v2 GraniteRapids-v3 SierraForest SierraForest-v2 SierraForest-v3 ClearwaterForest`,
  ),
  ...vendorOf(
    "AuthenticAMD",
    `
  athlon phenom Opteron_G1 Opteron_G2 Opteron_G3 Opteron_G4 Opteron_G5 EPYC EPYC-IBPB EPYC-v3 EPYC-v4 EPYC-v5
  EPYC-Rome EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v2 EPYC-Milan-v3 EPYC-
  Genoa EPYC-Genoa-v2 EPYC-Turin`,
  ),
  ...vendorOf("default", "host kvm32 kvm64 qemu32 qemu64 max"),
};

/** The models that Proxmox adds to QEMU's. */
export const builtInModels: readonly string[] = ["x86-64-v2", "x86-64-v2-AES", "x86-64-v3", "x86-64-v4"];

/** What a virtual machine may switch on or off in its CPU; a model of one's own may have any flag. */
export const cpuFlags: readonly string[] = [
  "nested-virt",
  "md-clear",
  "pcid",
  "spec-ctrl",
  "ssbd",
  "ibpb",
  "virt-ssbd",
  "amd-ssbd",
  "amd-no-ssb",
  "pdpe1gb",
  "hv-tlbflush",
  "hv-evmcs",
  "aes",
];

function vendorOf<Vendor>(vendor: Vendor, names: string): Record<string, Vendor> {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, vendor]),
  );
}
