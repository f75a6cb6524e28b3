import { fine, problem, type Finding } from "./finding.ts";
import type { Target } from "./target.ts";

/** Whether the stack has the secrets that the plan names. */
export function checkSettings({ plan, secrets, stack }: Pick<Target, "plan" | "secrets" | "stack">): Finding[] {
  return plan.storages.flatMap((storage) => {
    if (storage.type !== "cifs") return [];
    const { name, passwordSecret, username, server } = storage;
    const subject = `setting ${passwordSecret}`;
    if (secrets.has(passwordSecret)) return [fine(subject, `The stack has the password of storage ${name}.`)];
    return [
      problem(
        subject,
        `The stack lacks the password of storage ${name}.`,
        `Set it, typed in and not shown (${username} on ${server}):\n  npm run pulumi -- config set --secret --stack ${stack} ${passwordSecret}`,
      ),
    ];
  });
}
