import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FromRuntime, ToRuntime } from "./deployed-runtime.ts";
import type { Deployed } from "./deployed-templates.ts";

const RUNTIME = join(import.meta.dirname, "deployed-runtime.ts");

/** AWS Lambda, "Quotas": an answer may have 6 MB. */
const MAX_ANSWER_BYTES = 6 * 1024 ** 2;

/** Of what a function that ended has written, as many characters are told. */
const LOG_END = 2000;

export interface DeployedFunction {
  readonly name: string;
  /** How long the bundle took to load and what of it was loaded. */
  readonly start: { readonly initMs: number; readonly bytesLoaded: number };
  readonly invocations: number;
  /** Everything that the function has written. */
  readonly log: string;
  /** Invokes the function once those before are through, as one instance does. Rejects when it throws or takes too long. */
  invoke(event: unknown): Promise<unknown>;
  /** Lets the function's clock run ahead, from the next invocation on. */
  setClockAhead(milliseconds: number): void;
  /** Ends the instance at once, whatever it is doing. */
  kill(): void;
  close(): Promise<void>;
}

export interface FunctionOptions {
  /** Where the assets of the synthesis are. */
  readonly assets: string;
  /** What Lambda adds to the variables of the template, and what this machine needs. */
  readonly variables: Readonly<Record<string, string>>;
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly MemorySize: number;
  /** Seconds. */
  readonly Timeout: number;
  readonly Code: { readonly S3Key: string };
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}

/**
 * Starts a function of a template from its bundle, in a process that knows only what Lambda would tell it. One that died
 * is started anew when it is next invoked.
 */
export async function startFunction(resource: Deployed, options: FunctionOptions): Promise<DeployedFunction> {
  const properties = resource.properties as unknown as FunctionProperties;
  const { FunctionName: name, Timeout } = properties;
  let log = "";
  const write = (chunk: Buffer) => {
    log += chunk;
  };
  let instance = await launch(properties, options, write);
  let clockAheadMs = 0;
  let invocations = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const invoke = async (event: unknown) => {
    if (hasEnded(instance.child)) instance = await launch(properties, options, write);
    instance.child.send({ clockAheadMs } satisfies ToRuntime);
    return instance.answer(event, Timeout * 1000);
  };
  return {
    name,
    start: instance.start,
    get invocations() {
      return invocations;
    },
    get log() {
      return log;
    },
    invoke: (event) => {
      invocations += 1;
      const answer = turn.then(() => invoke(event));
      turn = answer.catch(() => undefined);
      return answer;
    },
    setClockAhead: (milliseconds) => {
      clockAheadMs = milliseconds;
    },
    kill: () => void instance.child.kill("SIGKILL"),
    close: async () => {
      if (hasEnded(instance.child)) return;
      instance.child.kill();
      await once(instance.child, "exit");
    },
  };
}

interface Instance {
  readonly child: ChildProcess;
  readonly start: DeployedFunction["start"];
  readonly answer: (event: unknown, timeoutMs: number) => Promise<unknown>;
}

async function launch(
  properties: FunctionProperties,
  options: FunctionOptions,
  write: (chunk: Buffer) => void,
): Promise<Instance> {
  const child = fork(RUNTIME, [], {
    env: variablesOf(properties, options),
    // As Lambda's runtime: most of the memory is the heap's.
    execArgv: [`--max-old-space-size=${Math.floor(properties.MemorySize * 0.9)}`],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  const hear = (chunk: Buffer) => {
    said = (said + chunk).slice(-LOG_END);
    write(chunk);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", hear);
  const [first] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [FromRuntime | number | null];
  if (typeof first !== "object" || first === null || !("ready" in first)) {
    throw new Error(`${properties.FunctionName} did not start:\n${said}`);
  }
  return { child, start: first.ready, answer: answersOf(child, () => said) };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function variablesOf(
  { FunctionName, Handler, MemorySize, Code, Environment }: FunctionProperties,
  options: FunctionOptions,
) {
  return {
    ...Environment?.Variables,
    ...options.variables,
    _HANDLER: Handler,
    AWS_LAMBDA_FUNCTION_NAME: FunctionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
    LAMBDA_TASK_ROOT: join(options.assets, `asset.${Code.S3Key.replace(/\.zip$/, "")}`),
    TZ: ":UTC",
  };
}

/** Pairs the answers of a process with the invocations that they are for. */
function answersOf(child: ChildProcess, said: () => string): Instance["answer"] {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on("message", (message: FromRuntime) => {
    if (!("id" in message)) return;
    const { id, result, error } = message;
    if (error !== undefined) waiting.get(id)?.reject(new Error(error));
    else if (JSON.stringify(result ?? null).length > MAX_ANSWER_BYTES) waiting.get(id)?.reject(new Error("too large"));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  child.on("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`it ended with ${signal ?? code}:\n${said()}`));
  });
  let next = 0;
  return async (event, timeoutMs) => {
    const id = next++;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const timer = setTimeout(() => answer.reject(new Error(`no answer after ${timeoutMs} ms`)), timeoutMs);
    child.send({ id, event, timeoutMs } satisfies ToRuntime);
    return answer.promise.finally(() => clearTimeout(timer));
  };
}
