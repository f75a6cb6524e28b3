import { places, programOf } from "./places.ts";

/** Renders the systemd unit of Traefik, which may listen on ports below 1024 and do little else. */
export function renderUnit({ version, credentials }: { version: string; credentials: boolean }): string {
  return `[Unit]
Description=Traefik, the proxy before what is served by HTTP
Documentation=https://doc.traefik.io/traefik/
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=traefik
Group=traefik
${credentials ? `EnvironmentFile=${places.credentials}\n` : ""}ExecStart=${programOf(version)} --configFile=${places.staticConfiguration}
Restart=on-failure
RestartSec=5
StateDirectory=traefik
StateDirectoryMode=0700
UMask=0077
LimitNOFILE=65536
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
