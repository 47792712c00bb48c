import { createHash, randomUUID } from "node:crypto";
import { type AwsRequest, operationOf, queueName } from "./deployed-requests.ts";

/** An answer to an SDK. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers what it is allowed to be asked. */
export type Service = (request: AwsRequest) => Promise<AwsAnswer>;

/** A message that a function put into a queue. */
export interface SentMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, { readonly StringValue?: string }>>;
}

export function jsonAnswer(status: number, value: unknown): AwsAnswer {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() };
  return { status, headers, body: Buffer.from(JSON.stringify(value)) };
}

/** Headers that belong to a connection or to a signature, which neither engine checks. */
const NOT_PASSED_ON = new Set(["host", "connection", "authorization", "content-length", "expect", "transfer-encoding"]);

/** Passes requests on to an engine of this machine. */
export function engineService(endpoint: string, keepAuthorization = false): Service {
  return async ({ method, url, headers, body }) => {
    const passed = Object.entries(headers).filter(
      ([name]) => !NOT_PASSED_ON.has(name) || (keepAuthorization && name === "authorization"),
    );
    const response = await fetch(new URL(url.pathname + unsigned(url), endpoint), {
      method,
      headers: Object.fromEntries(passed),
      body: method === "GET" || method === "HEAD" || body.length === 0 ? null : new Uint8Array(body),
    });
    const { "content-encoding": _, ...answered } = Object.fromEntries(response.headers);
    const overridden = [...url.searchParams].flatMap(([name, value]) =>
      name.startsWith(OVERRIDE) ? [[name.slice(OVERRIDE.length), value] as const] : [],
    );
    return {
      status: response.status,
      headers: { ...answered, ...Object.fromEntries(overridden) },
      body: Buffer.from(await response.arrayBuffer()),
    };
  };
}

/** How a presigned URL says what a header of the answer is to be. */
const OVERRIDE = "response-";

/** The query without what belongs to a signature: the embedded S3 wants one for every header that is overridden. */
function unsigned(url: URL): string {
  const query = [...url.searchParams].filter(([name]) => !/^(x-amz-|response-)/i.test(name));
  return query.length === 0 ? "" : `?${new URLSearchParams(query)}`;
}

/**
 * The embedded S3 with conditional writes, which it does not know: one write of a key after the other.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function objectService(endpoint: string): Service {
  const engine = engineService(endpoint);
  const writes = new Map<string, Promise<unknown>>();
  return (request) => {
    if (request.method !== "PUT") return engine(request);
    const { pathname } = request.url;
    const write = async () => (await refusedByCondition(engine, request)) ?? engine(request);
    const turn = (writes.get(pathname) ?? Promise.resolve()).then(write, write);
    writes.set(pathname, turn);
    return turn;
  };
}

async function refusedByCondition(engine: Service, request: AwsRequest): Promise<AwsAnswer | undefined> {
  const { "if-match": match, "if-none-match": noneMatch } = request.headers;
  if (match === undefined && noneMatch === undefined) return undefined;
  const { status, headers } = await engine({ ...request, method: "HEAD", headers: {} });
  if (match !== undefined && status === 404) return s3Error(404, "NoSuchKey");
  const holds = match === undefined ? status === 404 : headers.etag === match;
  return holds ? undefined : s3Error(412, "PreconditionFailed");
}

export function s3Error(status: number, code: string): AwsAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body: Buffer.from(body) };
}

/** What is done with queues. */
export interface QueueDesk {
  readonly send: (queue: string, message: SentMessage) => void;
  readonly postpone: (queue: string, receiptHandle: string) => void;
}

/** Queues take messages; what is done with them is the business of `deployed-queues.ts`. */
export function queueService({ send, postpone }: QueueDesk): Service {
  const accept = (queue: string, { MessageBody, MessageAttributes = {} }: MessageEntry) => {
    send(queue, { body: MessageBody, attributes: MessageAttributes });
    // The SDK compares.
    return { MessageId: randomUUID(), MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") };
  };
  return async (request) => {
    const input = JSON.parse(String(request.body));
    const queue = queueName(input.QueueUrl);
    switch (operationOf(request)) {
      case "SendMessage":
        return jsonAnswer(200, accept(queue, input));
      case "SendMessageBatch": {
        const entries = input.Entries as (MessageEntry & { readonly Id: string })[];
        return jsonAnswer(200, { Successful: entries.map((entry) => ({ Id: entry.Id, ...accept(queue, entry) })) });
      }
      case "ChangeMessageVisibility":
        postpone(queue, input.ReceiptHandle);
        return jsonAnswer(200, {});
      default:
        throw new Error(`sqs:${operationOf(request)} is not known here`);
    }
  };
}

interface MessageEntry {
  readonly MessageBody: string;
  readonly MessageAttributes?: SentMessage["attributes"];
}

/** Answers with the secrets by their ARNs. */
export function secretService(secrets: ReadonlyMap<string, string>): Service {
  return async (request) => {
    const { SecretId } = JSON.parse(String(request.body)) as { SecretId: string };
    const SecretString = operationOf(request) === "GetSecretValue" ? secrets.get(SecretId) : undefined;
    if (SecretString === undefined) return jsonAnswer(400, { __type: "ResourceNotFoundException" });
    return jsonAnswer(200, { ARN: SecretId, Name: SecretId, SecretString, VersionStages: ["AWSCURRENT"] });
  };
}
