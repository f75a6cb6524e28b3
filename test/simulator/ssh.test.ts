import type { FileEntryWithStats, SFTPWrapper, Stats } from "ssh2";
import ssh2 from "ssh2";
import { describe, expect } from "vitest";
import { startSimulator } from "@proxmox-homelab/simulator";
import { connect, test } from "./ssh-client.ts";

describe("login", () => {
  test("root gets in with the key and with the password", async ({ simulator }) => {
    for (const config of [{}, { privateKey: "", password: simulator.password }]) {
      const ssh = await connect(simulator, config);
      expect((await ssh.run("whoami")).out).toBe("root\n");
      ssh.client.end();
    }
  });

  test("a changed password counts at once", async ({ simulator }) => {
    simulator.change(({ access }) => {
      Object.assign(access.users["root@pam"] ?? {}, { password: "another secret" });
    });
    await expect(connect(simulator, { privateKey: "", password: simulator.password })).rejects.toThrow();
    const ssh = await connect(simulator, { privateKey: "", password: "another secret" });
    ssh.client.end();
  });

  test.for([
    ["another user", { username: "admin" }],
    ["a wrong password", { privateKey: "", password: "wrong" }],
    ["a key that nobody knows", { privateKey: ssh2.utils.generateKeyPairSync("ed25519").private }],
  ] as const)("refuses %s", async ([, config], { simulator }) => {
    await expect(connect(simulator, config)).rejects.toThrow("All configured authentication methods failed");
  });

  test("lets nobody in whose key was taken out of authorized_keys", async ({ simulator, ssh }) => {
    await ssh.run("echo '# nobody' > /root/.ssh/authorized_keys");
    await expect(connect(simulator)).rejects.toThrow("All configured authentication methods failed");
  });

  test("takes the keys of authorized_keys", async ({ simulator, ssh }) => {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 });
    await ssh.run("cat >> /root/.ssh/authorized_keys", `# a comment\nno-pty ${publicKey} me@desk\n`);
    const other = await connect(simulator, { privateKey });
    expect((await other.run("true")).code).toBe(0);
    other.client.end();
  });

  test("each node has a key of its own, which it keeps over a restart", async ({ simulator }) => {
    const keys = simulator.ssh.map(({ knownHost }) => knownHost.replace(/^\S+ /, ""));
    expect(new Set(keys).size).toBe(2);
    expect(simulator.ssh[0]?.knownHost).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 [\w+/=]+$/);
    const again = await startSimulator({ seed: simulator.state });
    expect(again.ssh.map(({ knownHost }) => knownHost.replace(/^\S+ /, ""))).toEqual(keys);
    expect(again.ssh[0]?.privateKey).toBe(simulator.ssh[0]?.privateKey);
    await again.close();
  });
});

describe("exec", () => {
  test("tells output, errors and exit status apart", async ({ ssh }) => {
    expect(await ssh.run("echo out; echo err >&2; exit 3")).toEqual({ code: 3, out: "out\n", err: "err\n" });
  });

  test("gives standard input, bytes unchanged", async ({ ssh }) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    expect((await ssh.run("sha256sum", bytes)).out).toBe(
      "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880  -\n",
    );
  });

  test("does not wait for input that no command reads", async ({ ssh }) => {
    const { result } = await ssh.start("echo done");
    expect(await result).toEqual({ code: 0, out: "done\n", err: "" });
  });

  test("takes the variables that Debian's sshd takes, and no others", async ({ ssh }) => {
    const { out } = await ssh.run('echo "$LC_COLOUR:$SECRET"', "", { env: { LC_COLOUR: "blue", SECRET: "x" } });
    expect(out).toBe("blue:\n");
  });

  test("with a terminal, lines end as terminals want them", async ({ ssh }) => {
    expect((await ssh.run("echo one; nonsense", "", { pty: true })).out).toBe(
      "one\r\nsh: 1: nonsense: the simulator does not know this command\r\n",
    );
  });

  test("a signal ends what runs", async ({ ssh }) => {
    const { channel, result } = await ssh.start("sleep 1000; echo never");
    setTimeout(() => {
      channel.signal("TERM");
    }, 50);
    expect(await result).toEqual({ code: null, signal: "SIGTERM", out: "", err: "" });
  });

  test("sleep waits as long as the simulator's clock does", async ({ ssh, clock }) => {
    const { result } = await ssh.start("sleep 60; date +%s");
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock.advance(60);
    expect((await result).out).toBe(`${Date.parse("2026-01-01T00:01:00Z") / 1000}\n`);
  });

  test("a large output arrives whole", async ({ ssh }) => {
    const { out } = await ssh.run("i=0; while [ $i -lt 9 ]; do cat; i=$((i+1)); done | wc -c", "x".repeat(3_000_000));
    expect(out).toBe("3000000\n");
    expect((await ssh.run("cat", "y".repeat(3_000_000))).out).toHaveLength(3_000_000);
  });
});

describe("shell", () => {
  test("without a terminal runs what it is sent", async ({ ssh }) => {
    const { channel, result } = await ssh.shell(false);
    channel.end("cd /etc\npwd\nexit 4\n");
    expect(await result).toEqual({ code: 4, out: "/etc\n", err: "" });
  });

  test("with a terminal shows a prompt and what is typed", async ({ ssh }) => {
    const { channel, result } = await ssh.shell({ term: "xterm" });
    channel.end("cd /tmp\rx=a\x7fb; echo $x\rexit 5\r");
    const { code, out } = await result;
    expect(code).toBe(5);
    expect(out).toBe(
      "root@pve-01:~# cd /tmp\r\nroot@pve-01:/tmp# x=a\b \bb; echo $x\r\nb\r\nroot@pve-01:/tmp# exit 5\r\n",
    );
  });
});

describe("SFTP", () => {
  test("writes, appends, reads and truncates", async ({ ssh }) => {
    const sftp = await ssh.sftp();
    await call(sftp, "writeFile", "/root/a.txt", "one\n");
    await call(sftp, "appendFile", "/root/a.txt", "two\n");
    expect(String(await call(sftp, "readFile", "a.txt"))).toBe("one\ntwo\n");
    const handle = await call<Buffer>(sftp, "open", "/root/a.txt", "r+");
    await call(sftp, "write", handle, Buffer.from("TWO"), 0, 3, 4);
    expect((await call<Stats>(sftp, "fstat", handle)).size).toBe(8);
    await call(sftp, "fsetstat", handle, { size: 7 });
    await call(sftp, "close", handle);
    expect((await ssh.run("cat /root/a.txt")).out).toBe("one\nTWO");
  });

  test("what is written is there before the file is closed", async ({ ssh }) => {
    const sftp = await ssh.sftp();
    const handle = await call<Buffer>(sftp, "open", "/tmp/a", "w");
    await call(sftp, "write", handle, Buffer.from("abc"), 0, 3, 0);
    expect((await call<Stats>(sftp, "stat", "/tmp/a")).size).toBe(3);
  });

  test("tells kinds, modes and sizes, of links too", async ({ ssh }) => {
    const sftp = await ssh.sftp();
    await call(sftp, "mkdir", "/root/d", { mode: 0o777 });
    await call(sftp, "writeFile", "/root/d/f", "x", { mode: 0o640 });
    await call(sftp, "symlink", "d/f", "/root/l");
    expect(await call<Stats>(sftp, "lstat", "/root/l")).toMatchObject({ mode: 0o120777, size: 3 });
    expect(await call<Stats>(sftp, "stat", "/root/l")).toMatchObject({ mode: 0o100640, size: 1, uid: 0 });
    expect(await call<Stats>(sftp, "stat", "/root/d")).toMatchObject({ mode: 0o040755 });
    expect(await call(sftp, "readlink", "/root/l")).toBe("d/f");
    expect(await call(sftp, "realpath", "l")).toBe("/root/d/f");
    await call(sftp, "chmod", "/root/l", 0o600);
    await call(sftp, "chown", "/root/l", 33, 34);
    expect(await call<Stats>(sftp, "stat", "/root/d/f")).toMatchObject({ mode: 0o100600, uid: 33, gid: 34 });
  });

  test("lists a folder of many files", async ({ ssh }) => {
    const sftp = await ssh.sftp();
    await ssh.run("mkdir m; for i in {1..250}; do touch m/$i; done");
    const list = await call<FileEntryWithStats[]>(sftp, "readdir", "/root/m");
    expect(list.map(({ filename }) => filename).filter((name) => !name.startsWith("."))).toHaveLength(250);
  });

  test("renames, and does not replace", async ({ ssh }) => {
    const sftp = await ssh.sftp();
    await ssh.run("mkdir a; echo 1 > a/x; echo 2 > y");
    await call(sftp, "rename", "a", "b");
    expect((await ssh.run("cat b/x")).out).toBe("1\n");
    await expect(call(sftp, "rename", "b/x", "y")).rejects.toThrow("File exists");
  });

  test("refuses in the words and with the codes of OpenSSH's server", async ({ ssh }) => {
    const sftp = await ssh.sftp();
    const refusals = [
      ["readFile", ["/no"], "No such file or directory", 2],
      ["readFile", ["/etc"], "Is a directory", 4],
      ["rmdir", ["/root/.."], "Directory not empty", 4],
      ["mkdir", ["/etc"], "File exists", 4],
      ["unlink", ["/etc"], "Is a directory", 4],
      ["mkdir", ["/no/such"], "No such file or directory", 2],
      ["writeFile", ["/etc/pve/storage.cfg", "x"], "Permission denied", 3],
    ] as const;
    for (const [method, args, message, code] of refusals) {
      await expect(call(sftp, method, ...args), `${method} ${args[0]}`).rejects.toMatchObject({
        message: expect.stringContaining(message) as string,
        code,
      });
    }
  });

  test("a volume's folder is the storage", async ({ simulator, ssh }) => {
    const sftp = await ssh.sftp();
    await call(sftp, "writeFile", "/var/lib/vz/snippets/user.yaml", "#cloud-config\n");
    expect(await simulator.request("GET", "/nodes/pve-01/storage/local/content?content=snippets")).toMatchObject([
      { volid: "local:snippets/user.yaml", format: "snippet", size: 14 },
    ]);
    expect(await simulator.request("GET", "/nodes/pve-02/storage/local/content?content=snippets")).toEqual([]);
  });
});

/** Calls a method of the client with a callback. */
function call<T>(sftp: SFTPWrapper, method: keyof SFTPWrapper, ...args: readonly unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined | null, result: T) => {
      if (error) reject(error);
      else resolve(result);
    };
    Reflect.apply(Reflect.get(sftp, method) as (...all: unknown[]) => void, sftp, [...args, done]);
  });
}
