import { parseArgs } from "node:util";
import { DUMP_FORMAT_NAMES, type DumpFormatName } from "../portal/export/formats.ts";
import type { DiffCommand } from "./commands/diff.ts";
import type { PullCommand } from "./commands/pull.ts";
import { KEY_OPTIONS, type KeyOption, type KeysCommand, readKeysCommand } from "./key-arguments.ts";
import { UsageError } from "./usage-error.ts";
import { readWebhooksCommand, WEBHOOK_OPTIONS, type WebhookOption, type WebhooksCommand } from "./webhook-arguments.ts";

/** Where the tables are, as the command line says it. */
export interface TargetArguments {
  readonly endpoint: string | undefined;
  readonly env: string | undefined;
  readonly tables: string | undefined;
}

/** How long a commit waits, in milliseconds; as the portal needs it where nobody says. */
interface Waits {
  readonly settleMs: number | undefined;
}

export type Command =
  | ({ readonly name: "publish"; readonly path: string; readonly dryRun: boolean } & Waits)
  | { readonly name: "validate"; readonly path: string }
  | { readonly name: "releases"; readonly last: number }
  | ({ readonly name: "revert"; readonly release: number } & Waits)
  | { readonly name: "status" }
  | { readonly name: "dump"; readonly path: string; readonly format: DumpFormatName }
  | PullCommand
  | DiffCommand
  | KeysCommand
  | WebhooksCommand
  | { readonly name: "help" };

/** The portal that is asked over HTTP, as the command line says it. */
export interface RemoteArguments {
  readonly url: string | undefined;
  readonly key: string | undefined;
}

export interface Arguments {
  readonly command: Command;
  readonly target: TargetArguments;
  readonly remote: RemoteArguments;
  readonly json: boolean;
}

const OPTIONS = {
  endpoint: { type: "string" },
  env: { type: "string" },
  tables: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  "dry-run": { type: "boolean" },
  "settle-ms": { type: "string" },
  last: { type: "string" },
  format: { type: "string" },
  since: { type: "string" },
  watch: { type: "boolean" },
  url: { type: "string" },
  key: { type: "string" },
  ...KEY_OPTIONS,
  ...WEBHOOK_OPTIONS,
} as const;

/** What a command is given: arguments, and the options that it has to itself. */
interface Given {
  readonly argument?: string;
  /** How many arguments; 1 where one is named. */
  readonly count?: number;
  readonly options?: readonly OwnOption[];
}

const WEBHOOK_ONLY = Object.keys(WEBHOOK_OPTIONS) as (keyof typeof WEBHOOK_OPTIONS)[];
const OWN_OPTIONS = [
  ...(["dry-run", "settle-ms", "last", "format", "since", "watch", "url", "key"] as const),
  ...(Object.keys(KEY_OPTIONS) as KeyOption[]),
  ...WEBHOOK_ONLY,
];
type OwnOption = (typeof OWN_OPTIONS)[number];

/** `keys` and `webhooks` have commands of their own: `key-arguments.ts`, `webhook-arguments.ts`. */
const COMMANDS: Readonly<Record<Exclude<Command["name"], "help">, Given>> = {
  publish: { argument: "a folder or .zip file", options: ["dry-run", "settle-ms"] },
  validate: { argument: "a folder or .zip file" },
  releases: { options: ["last"] },
  revert: { argument: "the number of a release", options: ["settle-ms"] },
  status: {},
  dump: { argument: "a folder", options: ["format"] },
  pull: { argument: "a folder", options: ["format", "since", "watch", "url", "key"] },
  diff: { argument: "two releases", count: 2, options: ["url", "key"] },
  keys: { options: Object.keys(KEY_OPTIONS) as KeyOption[] },
  webhooks: { options: [...WEBHOOK_ONLY, "overlap"] satisfies WebhookOption[] },
};

const DEFAULT_FORMAT: DumpFormatName = "parquet";
const DEFAULT_PULL_FORMAT: DumpFormatName = "csv";
const DEFAULT_LAST = 20;
const MAX_LAST = 1000;

/**
 * @param argv the words after the program's name.
 * @throws UsageError that names the option or argument.
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const { endpoint, env, tables, url, key, json, help } = values;
  const rest = { target: { endpoint, env, tables }, remote: { url, key }, json };
  if (help || positionals.length === 0 || positionals[0] === "help") return { command: { name: "help" }, ...rest };
  return { command: readCommand(positionals, values), ...rest };
}

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The first sentence names the option; the others are about how to write odd arguments.
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new UsageError(`${reason?.replace(/\.$/, "")}.`);
  }
}

function readCommand([name = "", ...args]: readonly string[], values: Values): Command {
  if (!isCommand(name)) {
    throw new UsageError(`There is no command "${name}", only ${Object.keys(COMMANDS).join(", ")}.`);
  }
  const { argument, count = 1, options = [] }: Given = COMMANDS[name];
  for (const option of OWN_OPTIONS) {
    if (values[option] !== undefined && !options.includes(option)) {
      throw new UsageError(`${name} knows no --${option}.`);
    }
  }
  if (name === "keys") return readKeysCommand(args, values);
  if (name === "webhooks") return readWebhooksCommand(args, values);
  if (argument === undefined && args.length > 0) throw new UsageError(`${name} takes no argument, not "${args[0]}".`);
  if (argument !== undefined && args.length !== count)
    throw new UsageError(`${name} needs ${argument}, and nothing else.`);
  const [value = "", second = ""] = args;
  switch (name) {
    case "publish":
      return { name, path: value, dryRun: values["dry-run"] ?? false, settleMs: settleMs(values) };
    case "validate":
      return { name, path: value };
    case "releases":
      return { name, last: wholeNumber("--last", values.last ?? `${DEFAULT_LAST}`, MAX_LAST) };
    case "revert":
      return {
        name,
        release: wholeNumber("the number of a release", value, Number.MAX_SAFE_INTEGER),
        settleMs: settleMs(values),
      };
    case "status":
      return { name };
    case "dump":
      return { name, path: value, format: formatNamed(values.format ?? DEFAULT_FORMAT) };
    case "pull": {
      const format = formatNamed(values.format ?? DEFAULT_PULL_FORMAT);
      const since = values.since === undefined ? undefined : releaseNumber("--since", values.since);
      return { name, path: value, format, since, watch: values.watch ?? false };
    }
    case "diff": {
      const [from, to] = [releaseNumber("the first release", value), releaseNumber("the second release", second)];
      if (from < to) return { name, from, to };
      throw new UsageError(`diff goes from an earlier release to a later one, not from ${from} to ${to}.`);
    }
  }
}

/** A commit that waits longer than this waits for something else. */
const MAX_SETTLE_MS = 600_000;

function settleMs({ "settle-ms": text }: Values): number | undefined {
  if (text === undefined) return undefined;
  if (/^(?:0|[1-9]\d{0,5})$/.test(text) && Number(text) <= MAX_SETTLE_MS) return Number(text);
  throw new UsageError(`--settle-ms has to be a number of milliseconds up to ${MAX_SETTLE_MS}, not "${text}".`);
}

function formatNamed(text: string): DumpFormatName {
  const format = DUMP_FORMAT_NAMES.find((name) => name === text);
  if (format) return format;
  throw new UsageError(`--format has to be one of ${DUMP_FORMAT_NAMES.join(", ")}, not "${text}".`);
}

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

/** 0 is before the first. */
function releaseNumber(what: string, text: string): number {
  if (/^(?:0|[1-9]\d{0,8})$/.test(text)) return Number(text);
  throw new UsageError(`${what} has to be the number of a release, not "${text}".`);
}

function wholeNumber(what: string, text: string, max: number): number {
  if (/^[1-9]\d{0,15}$/.test(text) && Number(text) <= max) return Number(text);
  throw new UsageError(
    `${what} has to be a whole number from 1${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ""}, not "${text}".`,
  );
}
