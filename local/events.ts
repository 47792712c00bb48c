import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

/** Lambda functions behind an HTTP API as this project writes them: they always answer with the structured form. */
export type LambdaHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** What the event tells beyond the HTTP request itself. */
export interface EventOptions {
  /** The route that matched, as API Gateway writes it: `POST /graphql`. */
  readonly routeKey: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly sourceIp?: string;
}

/** API Gateway ends an HTTP API integration after 30 seconds; functions are given as much. */
const TIMEOUT_MS = 30_000;

/** Media types whose bodies API Gateway hands over as text; all others arrive base64-encoded. */
const TEXT = /^(text\/.*|application\/(json|javascript|xml))$/;

/**
 * An HTTP request as the API Gateway HTTP API event (payload format 2.0) that Lambda functions receive.
 * docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function toEvent(
  request: Request,
  options: EventOptions,
  now = new Date(),
): Promise<APIGatewayProxyEventV2> {
  const url = new URL(request.url);
  const { cookie, ...headers } = Object.fromEntries(request.headers);
  const query = [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(",")]);
  return {
    version: "2.0",
    routeKey: options.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split("; ") }),
    headers,
    ...(query.length === 0 ? {} : { queryStringParameters: Object.fromEntries(query) }),
    ...(options.pathParameters === undefined ? {} : { pathParameters: options.pathParameters }),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: url.host,
      domainPrefix: "local",
      http: {
        method: request.method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: options.sourceIp ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: options.routeKey,
      stage: "$default",
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...encodeBody(Buffer.from(await request.arrayBuffer()), headers["content-type"] ?? ""),
  };
}

/** The function's answer as an HTTP response. */
export function toResponse(result: APIGatewayProxyStructuredResultV2): Response {
  const status = result.statusCode ?? 200;
  const headers = new Headers();
  for (const [name, value] of Object.entries(result.headers ?? {})) headers.set(name, String(value));
  for (const cookie of result.cookies ?? []) headers.append("set-cookie", cookie);
  const body = result.isBase64Encoded ? Buffer.from(result.body ?? "", "base64") : result.body;
  const bodiless = status === 204 || status === 304;
  return new Response(bodiless ? null : (body ?? ""), { status, headers });
}

/** What Lambda tells a function about its invocation: a deadline and the id under which it logs. */
export function createLambdaContext(functionName: string, now: () => number = Date.now): Context {
  const deadline = now() + TIMEOUT_MS;
  const withdrawn = () => {
    throw new Error("Lambda's callbacks are gone since Node 24: return a promise");
  };
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: "1024",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
    done: withdrawn,
    fail: withdrawn,
    succeed: withdrawn,
  };
}

/** Text that is not valid UTF-8 would be altered as a string, so it travels as bytes. */
function encodeBody(bytes: Buffer, contentType: string): { body?: string; isBase64Encoded: boolean } {
  if (bytes.length === 0) return { isBase64Encoded: false };
  const essence = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const text = bytes.toString("utf8");
  const isText = TEXT.test(essence) && Buffer.from(text, "utf8").equals(bytes);
  return isText ? { body: text, isBase64Encoded: false } : { body: bytes.toString("base64"), isBase64Encoded: true };
}

/** `14/Sep/2020:08:30:00 +0000`, the way API Gateway writes `requestContext.time`. */
function commonLogTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
