import type { SystemSoftware } from "../guest-commands/system.ts";
import type { FileSystem } from "../files/file-system.ts";
import { answerInfluxDb } from "./influxdb.ts";
import { answerTraefik, listensOn } from "./traefik.ts";
import type { LoopbackAnswer, LoopbackRequest } from "./loopback.ts";

/** Answers what is asked of a service in the same guest; undefined where nobody listens on the port. */
export function answerLoopback(
  files: FileSystem,
  system: SystemSoftware,
  request: LoopbackRequest,
): LoopbackAnswer | undefined {
  const database = "/var/lib/influxdb/influxd.bolt";
  if (system.units()["influxdb"]?.active === true && request.url.port === influxPort(files)) {
    const keeper = {
      read: () => (files.exists(database) ? files.read(database).toString("utf8") : undefined),
      write: (text: string) => {
        files.write(database, text, 0o600);
      },
    };
    return answerInfluxDb(keeper, request);
  }
  const traefik = system.units()["traefik"]?.active === true ? system.traefik() : undefined;
  return traefik !== undefined && listensOn(traefik, request.url.port)
    ? answerTraefik(files, traefik, request)
    : undefined;
}

function influxPort(files: FileSystem): string {
  const settings = "/etc/influxdb/config.toml";
  const text = files.exists(settings) ? files.read(settings).toString("utf8") : "";
  return /^http-bind-address = ".*:(\d+)"$/m.exec(text)?.[1] ?? "8086";
}
