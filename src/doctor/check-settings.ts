import { fine, problem, type Finding } from "./finding.ts";
import type { Target } from "./target.ts";

/** Whether the stack has the secrets that the plan names. */
export function checkSettings({ plan, secrets, stack }: Pick<Target, "plan" | "secrets" | "stack">): Finding[] {
  return Object.entries(plan.secrets).map(([name, reason]) => {
    const subject = `setting ${name}`;
    if (secrets.has(name)) return fine(subject, "The stack has it, encrypted.");
    return problem(
      subject,
      `The stack lacks it: ${reason}`,
      `Set it, typed in and not shown:\n  npm run pulumi -- config set --secret --stack ${stack} ${name}`,
    );
  });
}
