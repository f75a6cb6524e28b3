import { createInterface } from "node:readline/promises";

/** Reads a password: hidden from a terminal, or the first line of what is piped in. */
export async function askPassword(question: string): Promise<string> {
  return process.stdin.isTTY ? askHidden(question) : readLine();
}

/** Asks a question that only a person can answer; without a terminal nobody is there to. */
export async function askYes(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

async function readLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk as string;
    if (text.includes("\n")) break;
  }
  return text.split(/\r?\n/)[0] ?? "";
}

function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const end = () => {
      stdin.off("data", read).setRawMode(false).pause();
      stderr.write("\n");
    };
    const read = (text: string) => {
      for (const character of text) {
        if (character === "\r" || character === "\n") {
          end();
          resolve(typed);
          return;
        }
        if (character === "\u0003" || character === "\u0004") {
          end();
          reject(new Error("Nothing was done."));
          return;
        }
        typed = character === "\u007f" || character === "\b" ? typed.slice(0, -1) : typed + character;
      }
    };
    stdin.on("data", read);
  });
}
