import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningEngine } from "./engines.ts";

/** What the wire carries: DynamoDB speaks JSON over POST, the operation stands in a header. */
export interface WireRequest {
  /** `BatchGetItem`, `Query`, `PutItem`, … */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers in the engine's place, or `forward`s to it what was asked, or something else. */
export type Fault = (
  request: WireRequest,
  forward: (body?: WireRequest["body"]) => Promise<WireAnswer>,
) => Promise<WireAnswer | "hang" | "hang up">;

export interface FaultyEngine extends RunningEngine {
  fault: Fault;
  /** Operations that arrived, in order. */
  readonly arrived: string[];
}

/** An engine behind a proxy that fails as told; without a fault it lets everything through. */
export async function startFaultyEngine({ endpoint }: Pick<RunningEngine, "endpoint">): Promise<FaultyEngine> {
  const server = createServer((request, response) => void exchange(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const engine: FaultyEngine = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: (_request, forward) => forward(),
    arrived: [],
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as WireRequest["body"];
    engine.arrived.push(operation);
    const answer = await engine.fault({ operation, body }, (other = body) => forward(request, other));
    if (answer === "hang") return;
    if (answer === "hang up") {
      request.socket.destroy();
      return;
    }
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(text);
  }

  async function forward({ headers }: IncomingMessage, body: WireRequest["body"]): Promise<WireAnswer> {
    const kept = ["content-type", "x-amz-target", "x-amz-date", "authorization"] as const;
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: Object.fromEntries(kept.map((name) => [name, String(headers[name])])),
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  }
  return engine;
}

/** An error as DynamoDB words it. */
export function refusal(status: number, type: string): WireAnswer {
  const message = `${type} of table test-secret in region local`;
  return { status, body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message } };
}

/** Fails the first `n` calls, then behaves. */
export function firstTimes(n: number, fault: Fault): Fault {
  let calls = 0;
  return (request, forward) => {
    calls += 1;
    return calls <= n ? fault(request, forward) : forward();
  };
}

type BatchKeys = Readonly<Record<string, { readonly Keys: readonly unknown[] }>>;
type BatchPuts = Readonly<Record<string, readonly unknown[]>>;

/** Takes no more than `size` keys or items of a batch and hands the rest back unprocessed. */
export function leavingUnprocessed(size: number): Fault {
  return async ({ operation, body }, forward) => {
    const [[table, asked] = ["", undefined]] = Object.entries((body.RequestItems ?? {}) as BatchKeys & BatchPuts);
    if (operation === "BatchGetItem" && asked) {
      const { Keys, ...options } = asked;
      const answer =
        size > 0
          ? await forward({ ...body, RequestItems: { [table]: { ...options, Keys: Keys.slice(0, size) } } })
          : { status: 200, body: { Responses: { [table]: [] } } };
      const rest = Keys.slice(size);
      const UnprocessedKeys = rest.length > 0 ? { [table]: { ...options, Keys: rest } } : {};
      return { ...answer, body: { ...(answer.body as object), UnprocessedKeys } };
    }
    if (operation === "BatchWriteItem" && asked) {
      const puts = asked as unknown as readonly unknown[];
      const answer =
        size > 0
          ? await forward({ ...body, RequestItems: { [table]: puts.slice(0, size) } })
          : { status: 200, body: {} };
      const rest = puts.slice(size);
      return {
        ...answer,
        body: { ...(answer.body as object), UnprocessedItems: rest.length > 0 ? { [table]: rest } : {} },
      };
    }
    return forward();
  };
}
