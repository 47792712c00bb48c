import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const PROGRAM = join(import.meta.dirname, "../../../cli/gazetteer.mjs");

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  readonly program?: string;
  /** Sees the process, and what it writes to stderr as it comes. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a process of its own, with nothing of this one's environment. */
export async function gazetteer(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { env = {}, nodeOptions = [], program = PROGRAM, onStderr } = options;
  const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (onStderr) child.stderr.on("data", (part) => onStderr(String(part), child));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** Runs the command with `--json` and reads what it says. */
export async function gazetteerJson(args: readonly string[], options?: RunOptions) {
  const run = await gazetteer([...args, "--json"], options);
  if (!run.stdout.startsWith("{")) throw new Error(`no JSON, but exit code ${run.exitCode}: ${run.stderr}`);
  return { ...run, json: JSON.parse(run.stdout) as Readonly<Record<string, unknown>> };
}
