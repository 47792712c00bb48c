import type { Act } from "./deployed-policies.ts";

/** One request of an AWS SDK, as it arrives. */
export interface AwsRequest {
  /** Access key: every function here has its own, which is its name. */
  readonly caller: string;
  readonly region: string;
  /** As signatures name it: `dynamodb`, `s3`. */
  readonly service: string;
  readonly method: string;
  /** Path and query. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * What a request does to what, in the words of policies: the Service Authorization Reference of each service.
 *
 * @throws Error for a request that is not known here: whoever adds one to a function adds it here.
 */
export function actsOf(request: AwsRequest, account: string): Act[] {
  const acts = READERS[request.service]?.(request, account);
  if (!acts) throw new Error(`${request.caller} calls ${request.service}, which is not known here`);
  return acts;
}

type Reader = (request: AwsRequest, account: string) => Act[];

const READERS: Readonly<Record<string, Reader>> = {
  dynamodb: (request, account) => {
    const arn = (path: string) => `arn:aws:dynamodb:${request.region}:${account}:table/${path}`;
    return dynamoDbActs(operationOf(request), JSON.parse(String(request.body))).map(([operation, path]) => ({
      action: `dynamodb:${operation}`,
      resource: arn(path),
    }));
  },
  s3: s3Acts,
  secretsmanager: (request) => {
    const { SecretId } = JSON.parse(String(request.body)) as { SecretId: string };
    return [{ action: `secretsmanager:${operationOf(request)}`, resource: SecretId }];
  },
  sqs: (request, account) => {
    const { QueueUrl } = JSON.parse(String(request.body)) as { QueueUrl: string };
    // A batch is allowed or refused as its single form is.
    const action = `sqs:${operationOf(request).replace(/Batch$/, "")}`;
    return [{ action, resource: `arn:aws:sqs:${request.region}:${account}:${queueName(QueueUrl)}` }];
  },
};

/** The part of `X-Amz-Target` behind the name of the API: `GetItem`. */
export function operationOf({ headers }: AwsRequest): string {
  return headers["x-amz-target"]?.split(".").at(-1) ?? "";
}

export function queueName(url: string): string {
  return url.split("/").at(-1) ?? "";
}

interface DynamoDbInput {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
}

/** Operations of a transaction are allowed one by one, as if each were called by itself. */
const TRANSACTED: Readonly<Record<string, string>> = {
  ConditionCheck: "ConditionCheckItem",
  Delete: "DeleteItem",
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
};

function dynamoDbActs(operation: string, input: DynamoDbInput): [operation: string, path: string][] {
  const { TableName, IndexName, RequestItems, TransactItems } = input;
  if (TransactItems) {
    return TransactItems.flatMap(Object.entries).map(([kind, item]) => [TRANSACTED[kind] ?? kind, item.TableName]);
  }
  if (RequestItems) return Object.keys(RequestItems).map((table) => [operation, table]);
  if (TableName === undefined) throw new Error(`${operation} names no table`);
  return [[operation, IndexName === undefined ? TableName : `${TableName}/index/${IndexName}`]];
}

/** By path: functions address buckets by path here, because the endpoint is an address and no name. */
function s3Acts({ method, url, headers }: AwsRequest): Act[] {
  const [, bucket = "", key = ""] = /^\/([^/]+)\/?(.*)$/s.exec(decodeURIComponent(url.pathname)) ?? [];
  const inBucket = `arn:aws:s3:::${bucket}`;
  const object = `${inBucket}/${key}`;
  const act = (action: string, resource = object) => ({ action: `s3:${action}`, resource });
  const asked = (name: string) => url.searchParams.has(name);
  if (key === "") {
    if (method === "GET" || method === "HEAD") return [act("ListBucket", inBucket)];
    throw new Error(`${method} of a bucket is not known here`);
  }
  if (method === "GET" || method === "HEAD") return [act("GetObject")];
  if (method === "DELETE") return [act(asked("uploadId") ? "AbortMultipartUpload" : "DeleteObject")];
  const source = headers["x-amz-copy-source"];
  return [
    act("PutObject"),
    // "Conditional writes" in the user guide: whoever compares ETags has to be allowed to read.
    ...(headers["if-match"] === undefined ? [] : [act("GetObject")]),
    ...(headers["x-amz-tagging"] === undefined ? [] : [act("PutObjectTagging")]),
    ...(source === undefined
      ? []
      : [act("GetObject", `arn:aws:s3:::${decodeURIComponent(source).replace(/^\//, "")}`)]),
  ];
}
