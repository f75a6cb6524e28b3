import { execFile } from "node:child_process";
import { connect } from "node:net";

/** What a port says first: an SSH server introduces itself. */
export type SshGreeting =
  { readonly kind: "ssh"; readonly banner: string } | { readonly kind: "silent"; readonly reason: string };

/** What came of logging in with the keys that there are. */
export type LoginAttempt =
  | { readonly kind: "accepted" }
  | { readonly kind: "unknownHost" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unavailable" };

/** Waits for the line by which an SSH server introduces itself, and hangs up. */
export function greetSsh(address: string, port: number, milliseconds = 5_000): Promise<SshGreeting> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: milliseconds });
    const end = (greeting: SshGreeting) => {
      socket.destroy();
      resolve(greeting);
    };
    socket
      .setEncoding("utf8")
      .on("data", (text: string) => {
        const [line = ""] = text.split(/\r?\n/);
        if (line.startsWith("SSH-")) end({ kind: "ssh", banner: line });
        else end({ kind: "silent", reason: "it is no SSH server" });
      })
      .on("timeout", () => {
        end({ kind: "silent", reason: `no answer within ${milliseconds / 1000} seconds` });
      })
      .on("error", (error) => {
        end({ kind: "silent", reason: error.message });
      })
      .on("close", () => {
        end({ kind: "silent", reason: "it hung up" });
      });
  });
}

/** Logs in as the ssh program does without asking anyone, and does nothing there; known hosts stay as they are. */
export function tryLogin(
  { address, port, username }: { readonly address: string; readonly port: number; readonly username: string },
  options: readonly string[] = [],
): Promise<LoginAttempt> {
  const safe = ["BatchMode=yes", "ConnectTimeout=5", "StrictHostKeyChecking=yes", "UpdateHostKeys=no"];
  const args = [
    ...safe.flatMap((option) => ["-o", option]),
    ...options,
    "-p",
    String(port),
    "-l",
    username,
    "--",
    address,
    "true",
  ];
  return new Promise((resolve) => {
    execFile("ssh", args, { timeout: 15_000 }, (error, _output, messages) => {
      if (error === null) resolve({ kind: "accepted" });
      else if (error.code === "ENOENT") resolve({ kind: "unavailable" });
      // With these words OpenSSH says that a host is new; a key that has changed is a refusal.
      else if (/No \S+ host key is known for/.test(messages)) resolve({ kind: "unknownHost" });
      else resolve({ kind: "refused", reason: lastLine(messages) || "ssh gave up" });
    });
  });
}

function lastLine(text: string): string {
  if (text.includes("IDENTIFICATION HAS CHANGED")) return "its host key has changed";
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "").replace(/\.$/, "");
}
