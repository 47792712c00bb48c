import { type Arguments, type Command, parseArguments } from "./arguments.ts";
import { diff } from "./commands/diff.ts";
import { dump } from "./commands/dump.ts";
import { keys } from "./commands/keys.ts";
import { publish, revert } from "./commands/publish.ts";
import { pull } from "./commands/pull.ts";
import { releases } from "./commands/releases.ts";
import type { Result, Session } from "./commands/session.ts";
import { status } from "./commands/status.ts";
import { webhooks } from "./commands/webhooks.ts";
import { EXIT, type ExitCode, type Failure, failureOf } from "./failure.ts";
import { remotePortal } from "./remote-arguments.ts";
import { openTarget, type Target } from "./target.ts";
import { usage } from "./usage.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<ExitCode> {
  let args: Arguments | undefined;
  let target: Target | undefined;
  try {
    args = parseArguments(argv);
    if (args.command.name === "help") {
      console.log(usage);
      return EXIT.done;
    }
    const remote = runRemotely(args);
    if (!remote) target = openTarget(args.target, process.env);
    const result = await (remote ?? run(args.command as LocalCommand, sessionOn(target as Target)));
    report(args, { ok: true, ...result.json }, result.text);
    return result.exitCode ?? EXIT.done;
  } catch (error) {
    const failure = failureOf(error, {
      ...(target ? { target: target.name } : {}),
      ...outcomeOf(args?.command.name),
    });
    reportFailure(args, argv.includes("--json"), failure);
    return failure.exitCode;
  } finally {
    target?.close();
  }
}

/** What came of a command that was refused, where it is not about releases. */
function outcomeOf(command: Command["name"] | undefined): { outcome?: string } {
  if (command === "keys") return { outcome: "No key was changed" };
  return command === "webhooks" ? { outcome: "No webhook was changed" } : {};
}

type LocalCommand = Exclude<Command, { name: "help" | "pull" | "diff" }>;

/** Commands for those who have a portal's address and none of its tables. */
function runRemotely({ command, remote }: Arguments): Promise<Result> | undefined {
  const progress = { stream: process.stderr, now: () => performance.now() };
  if (command.name === "pull") return pull(command, remotePortal(remote, process.env), progress);
  if (command.name === "diff") return diff(command, remotePortal(remote, process.env));
  return undefined;
}

function run(command: LocalCommand, session: Session): Promise<Result> {
  switch (command.name) {
    case "publish":
      return publish(session, command.path, command);
    case "validate":
      return publish(session, command.path, { dryRun: true });
    case "releases":
      return releases(session, command.last);
    case "revert":
      return revert(session, command.release, command.settleMs);
    case "status":
      return status(session);
    case "dump":
      return dump(session, command.path, command.format);
    case "keys":
      return keys(session, command);
    case "webhooks":
      return webhooks(session, command);
  }
}

/** The first Ctrl-C lets a publication pause where it can go on from; a second one ends the program as it is. */
function sessionOn(target: Target): Session {
  let stopping = false;
  const stop = () => {
    stopping = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, stop);
    console.error("\nStopping at the next checkpoint; once more to stop at once.");
  };
  const beginWriting = () => {
    if (stopping || process.listeners("SIGINT").includes(stop)) return;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  };
  return { target, stderr: process.stderr, now: () => performance.now(), stopping: () => stopping, beginWriting };
}

function report({ json, command }: Arguments, document: object, text: string): void {
  console.log(json ? JSON.stringify({ command: command.name, ...document }, null, 2) : text);
}

function reportFailure(args: Arguments | undefined, json: boolean, failure: Failure): void {
  const { exitCode, code, message, report: problems } = failure;
  if (json) {
    const document = { ok: false, exitCode, error: { code, message }, ...(problems ? { problems } : {}) };
    console.log(JSON.stringify({ command: args?.command.name ?? null, ...document }, null, 2));
    return;
  }
  // The report is what was asked for, and may be long: it can be piped.
  if (problems) console.log(String(problems));
  console.error(exitCode === EXIT.usage ? `${message}\nSee npx gazetteer --help.` : message);
}
