import type { AlertSettings } from "../../../inventory/services/prometheus.ts";
import type { AlertRule } from "./alert-rules.ts";

/** Certificates, and doors that have to be closed. */
export function networkAlerts({ certificate }: AlertSettings): AlertRule[] {
  return [
    {
      alert: "CertificateExpires",
      expr: `probe_ssl_earliest_cert_expiry{job="certificates"} - time() < ${certificate}`,
      labels: { severity: "warning" },
      annotations: {
        summary: "The certificate of {{ $labels.instance }} expires in {{ $value | humanizeDuration }}.",
        action: "See why it is not renewed; on a node: pvenode cert info",
      },
    },
    {
      alert: "TraefikCertificateExpires",
      expr: `traefik_tls_certs_not_after - time() < ${certificate}`,
      labels: { severity: "warning" },
      annotations: {
        summary:
          "Traefik's certificate for {{ $labels.cn }} on {{ $labels.instance }} expires in {{ $value | humanizeDuration }}.",
        action: "Read why it is not renewed: journalctl -u traefik",
      },
    },
    {
      alert: "CertificateUnreadable",
      expr: `probe_success{job="certificates"} == 0`,
      for: "30m",
      labels: { severity: "warning" },
      annotations: {
        summary: "{{ $labels.instance }} shows no certificate.",
        action: "Look whether its service runs.",
      },
    },
    {
      alert: "DmzGuestReachable",
      expr: `probe_success{job="dmz-closed"} == 1`,
      for: "2m",
      labels: { severity: "critical" },
      annotations: {
        summary: "SSH of {{ $labels.instance }} in the DMZ is open to networks that have no business there.",
        action: "Look whether Proxmox's firewall is on, for the datacenter and for the guest.",
      },
    },
  ];
}
