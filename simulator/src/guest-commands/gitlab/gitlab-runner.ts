import { CommandError, PlainError, type Call, type Program } from "../../shell/machine.ts";
import { readOptions } from "../../shell/options.ts";
import { makeFolders } from "../../shell/programs/make-folders.ts";

const settings = "/etc/gitlab-runner/config.toml";

/** `gitlab-runner register --non-interactive`: writes down the token, which no GitLab is asked about. */
export const gitlabRunner: Program = (call) => {
  const [command, ...args] = call.args;
  if (command === "register") return register(call, args);
  throw new CommandError(`the simulator does not know 'gitlab-runner ${command ?? ""}'`, 127);
};

function register(call: Call, args: readonly string[]): number {
  const { given } = readOptions(args, "nu:", [
    ...["non-interactive|n", "url=|u", "token=", "executor=", "name=", "description=", "tls-ca-file="],
  ]);
  const { environment, machine } = call;
  const token = given.get("token") ?? environment["CI_SERVER_TOKEN"] ?? "";
  const fail = (message: string) => new PlainError(`FATAL: ${message}`, 1);
  if (!given.has("n")) throw new CommandError("the simulator wants --non-interactive", 127);
  const [url, executor] = [given.get("url") ?? given.get("u") ?? environment["CI_SERVER_URL"], given.get("executor")];
  if (url === undefined || !/^https?:\/\/[^/\s]+/.test(url))
    throw fail("Failed to verify the runner: no URL of a GitLab");
  // A token of a runner that was created in GitLab says so.
  if (!/^glrt-\S{20,}$/.test(token)) throw fail("Failed to verify the runner.");
  if (executor === undefined) throw fail("Executor needs to be specified: it is a mandatory option");
  const runner = { name: given.get("name") ?? given.get("description") ?? machine.hostname(), url, token, executor };
  const lines = Object.entries(runner).map(([key, value]) => `  ${key} = ${JSON.stringify(value)}\n`);
  const { files } = machine;
  makeFolders(files, "/etc/gitlab-runner", 0o700);
  const before = files.exists(settings)
    ? files.read(settings).toString("utf8")
    : "concurrent = 1\ncheck_interval = 0\n";
  files.write(settings, `${before}\n[[runners]]\n${lines.join("")}`, 0o600);
  call.err(
    "Runner registered successfully. Feel free to start it, but if it's running already the config should be automatically reloaded!\n",
  );
  return 0;
}
