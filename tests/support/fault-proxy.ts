import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What can go wrong between the SDK and the engine:
 * `refuse`: the connection breaks before the call arrives; `delay`: it arrives late; `cut`: it arrives, its answer
 * does not; `throttle` and `fail`: the service answers that it is too busy, or broken (500), and does nothing;
 * `unprocessed`: the later half of a batch is neither read nor written, and the answer says so.
 */
export const FAULTS = ["refuse", "delay", "cut", "throttle", "fail", "unprocessed"] as const;
export type Fault = (typeof FAULTS)[number];

export interface ProxiedCall {
  /** 1, 2, 3 … since the plan began. */
  readonly number: number;
  /** As the service names it: `PutItem`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Decides about each call before it goes on; a plan that waits holds its call back. */
export type Plan = (call: ProxiedCall) => Fault | undefined | Promise<Fault | undefined>;

/** What happened since a plan began. */
export interface Tally {
  readonly operations: readonly string[];
  readonly injected: readonly Fault[];
}

/** An HTTP proxy on loopback in front of an engine, which does to each call what the plan of the moment says. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Puts a plan in place of the one before; calls that are under way keep theirs. */
  begin(plan: Plan): Tally;
  close(): Promise<void>;
}

const BATCHES = new Set(["BatchGetItem", "BatchWriteItem"]);
const DELAY_MS = 25;
/** What DynamoDB takes at most. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
const MAX_CONNECTIONS = 256;

export async function startFaultProxy(engine: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  let plan: Plan = () => undefined;
  let tally = { operations: [] as string[], injected: [] as Fault[] };
  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(incoming, MAX_REQUEST_BYTES);
    const operation = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
    const [current, counted] = [plan, tally];
    counted.operations.push(operation);
    const input = JSON.parse(body.toString("utf8")) as ProxiedCall["input"];
    const fault = await current({ number: counted.operations.length, operation, input });
    const forward = (content: Buffer) => send(engine, agent, incoming.headers, content);
    if (fault === undefined || (fault === "unprocessed" && !BATCHES.has(operation))) {
      return reply(response, await forward(body));
    }
    counted.injected.push(fault);
    if (fault === "refuse") response.destroy();
    else if (fault === "throttle") reply(response, refusal(400, "ProvisionedThroughputExceededException"));
    else if (fault === "fail") reply(response, refusal(500, "InternalServerError"));
    else if (fault === "unprocessed") reply(response, await half(operation, input as unknown as Batch, forward));
    else if (fault === "delay") {
      await sleep(DELAY_MS);
      reply(response, await forward(body));
    } else {
      await forward(body);
      response.destroy();
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    begin: (next) => {
      plan = next;
      tally = { operations: [], injected: [] };
      return tally;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      agent.destroy();
    },
  };
}

/** Lets every call through. */
export const undisturbed: Plan = () => undefined;

/** One fault at the k-th call, or at the first one behind it that can have it: only batches are left half done. */
export function atCall(k: number, fault: Fault): Plan {
  let done = false;
  return ({ number, operation }) => {
    if (done || number < k || (fault === "unprocessed" && !BATCHES.has(operation))) return undefined;
    done = true;
    return fault;
  };
}

/** From the k-th call on nothing works any more. */
export function fromCall(k: number, fault: Fault): Plan {
  return ({ number }) => (number >= k ? fault : undefined);
}

/** Any call may meet any of the faults; the same seed draws the same numbers. */
export function atRandom(seed: number, probability: number, faults: readonly Fault[] = FAULTS): Plan {
  const random = randomOf(seed);
  return () => (random() < probability ? faults[Math.floor(random() * faults.length)] : undefined);
}

/** Numbers in [0, 1) that look random and are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Forward = (content: Buffer) => Promise<WireAnswer>;

async function send(
  engine: string,
  agent: Agent,
  { "content-length": _, ...headers }: IncomingHttpHeaders,
  content: Buffer,
): Promise<WireAnswer> {
  const outgoing = request(engine, {
    method: "POST",
    agent,
    headers: { ...headers, host: new URL(engine).host, "content-length": content.length },
  });
  outgoing.end(content);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await readAll(answer) };
}

function reply(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  if (response.destroyed) return;
  const { "transfer-encoding": _, "keep-alive": __, connection: ___, ...passed } = headers;
  response.writeHead(status, { ...passed, "content-length": body.length }).end(body);
}

function refusal(status: number, name: string): WireAnswer {
  const error = { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "by the test's will" };
  return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify(error)) };
}

const JSON_TYPE = { "content-type": "application/x-amz-json-1.0" };

interface Batch {
  readonly RequestItems: Readonly<Record<string, readonly unknown[] | { readonly Keys: readonly unknown[] }>>;
}

/** Sends the first half of each table's items on, rounded down, and leaves the rest to the caller. */
async function half(operation: string, input: Batch, forward: Forward): Promise<WireAnswer> {
  const tables = Object.entries(input.RequestItems);
  const cut = (from: (size: number) => number, to: (size: number) => number) =>
    Object.fromEntries(
      tables.flatMap(([table, items]) => {
        const list = "Keys" in items ? items.Keys : items;
        const part = list.slice(from(list.length), to(list.length));
        return part.length === 0 ? [] : [[table, "Keys" in items ? { ...items, Keys: part } : part]];
      }),
    );
  const middle = (size: number) => size >> 1;
  const done = cut(() => 0, middle);
  const left = cut(middle, (size) => size);
  const unprocessed = { [operation === "BatchGetItem" ? "UnprocessedKeys" : "UnprocessedItems"]: left };
  if (Object.keys(done).length === 0) {
    const nothing = { ...(operation === "BatchGetItem" ? { Responses: {} } : {}), ...unprocessed };
    return { status: 200, headers: JSON_TYPE, body: Buffer.from(JSON.stringify(nothing)) };
  }
  const answer = await forward(Buffer.from(JSON.stringify({ ...input, RequestItems: done })));
  if (answer.status !== 200) return answer;
  // The checksum that came along is that of another body.
  const { "x-amz-crc32": _, ...headers } = answer.headers;
  const body = { ...(JSON.parse(answer.body.toString("utf8")) as object), ...unprocessed };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) };
}

async function readAll(stream: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw new Error(`more than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
