import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestPortal } from "../../support/portal.ts";

/** What an importer in a process of its own is sent to do. */
export interface Errand {
  readonly endpoint: string;
  readonly tables: TestPortal["tables"];
  /** Name of one of the kinds of releases. */
  readonly kind: string;
  readonly leaseMs?: number;
  /** Epoch milliseconds at which its time stands still; the time of the machine when left out. */
  readonly clock?: number;
  readonly tempDir: string;
}

export interface Outcome {
  readonly published?: boolean;
  /** Code of the error. */
  readonly code?: string;
}

export interface ImporterChild {
  /** Resolves once all is loaded. */
  readonly ready: Promise<void>;
  go(): void;
  kill(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** What it said, or undefined when it was killed before it could. */
  readonly outcome: Promise<Outcome | undefined>;
}

export function startImporter(errand: Errand): ImporterChild {
  const script = join(import.meta.dirname, "importer-process.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(errand)], { stdio: ["pipe", "pipe", "inherit"] });
  const ready = Promise.withResolvers<void>();
  let said = "";
  child.stdout.on("data", (text: Buffer) => {
    said += text.toString("utf8");
    if (said.startsWith("ready\n")) ready.resolve();
  });
  // A child that is killed leaves its pipe broken.
  child.stdin.on("error", () => undefined);
  return {
    ready: ready.promise,
    go: () => child.stdin.write("go\n"),
    kill: (signal) => child.kill(signal),
    outcome: outcomeOf(child, () => said.slice("ready\n".length)),
  };
}

async function outcomeOf(child: ChildProcess, said: () => string): Promise<Outcome | undefined> {
  await once(child, "close");
  return said() === "" ? undefined : (JSON.parse(said()) as Outcome);
}
