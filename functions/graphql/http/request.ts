import { HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Refusal } from "../../http/refusal.ts";
import { chooseResponseType, JSON_TYPE, parseContentType } from "./media-types.ts";

/** A GraphQL operation with its variables is text that a person wrote; more than this is a mistake or an attack. */
export const MAX_BODY_BYTES = 256 * 1024;

/**
 * The GraphQL request in an API Gateway HTTP API event (payload 2.0), ready for `executeHTTPGraphQLRequest`.
 *
 * @throws Refusal when the event is no GraphQL-over-HTTP request.
 */
export function readRequest(event: APIGatewayProxyEventV2): HTTPGraphQLRequest {
  const { method } = event.requestContext.http;
  if (method !== "GET" && method !== "POST") {
    throw new Refusal(405, "METHOD_NOT_ALLOWED", `${method} is not supported. Use GET or POST.`, {
      allow: "GET, HEAD, POST",
    });
  }
  if (method === "GET") requirePreflight(event.headers);
  return {
    method,
    headers: readHeaders(event),
    search: readSearch(event.rawQueryString),
    body: method === "POST" ? readBody(event) : undefined,
  };
}

/** The document as it was sent; empty where there is none. */
export function queryIn({ method, search, body }: HTTPGraphQLRequest): string {
  const query = method === "GET" ? new URLSearchParams(search).get("query") : (body as { query?: unknown }).query;
  return typeof query === "string" ? query : "";
}

/**
 * A page of another site can make a browser send a plain GET, but none with a header or a media type of its own without
 * asking first (Fetch, "CORS-preflight fetch"). Apollo wants the same, but is not asked about what is in the cache.
 */
function requirePreflight(headers: APIGatewayProxyEventV2["headers"]): void {
  const { essence } = parseContentType(headers["content-type"] ?? "");
  if (essence !== "" && !FORM_TYPES.includes(essence)) return;
  if (PREFLIGHT_HEADERS.some((name) => headers[name])) return;
  throw badRequest(`A GET needs the header ${PREFLIGHT_HEADERS.join(" or ")}, or the Content-Type ${JSON_TYPE}.`);
}

/** Fetch, "CORS-safelisted request-header": what forms can send. */
const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/** Apollo's own; what they hold does not matter. */
const PREFLIGHT_HEADERS = ["apollo-require-preflight", "x-apollo-operation-name"];

/** `Accept` is settled here, so that Apollo answers in the chosen type and never with its landing page. */
function readHeaders(event: APIGatewayProxyEventV2): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.set(name, value);
  }
  const responseType = chooseResponseType(headers.get("accept"));
  if (responseType === undefined) {
    throw new Refusal(
      406,
      "NOT_ACCEPTABLE",
      "The answer can be application/graphql-response+json or application/json; the Accept header allows neither.",
    );
  }
  headers.set("accept", responseType);
  return headers;
}

/**
 * GraphQL over HTTP, "GET": an empty `operationName` is equivalent to none; Apollo would look for that name. No operation
 * can have it, so that it is none in a body as well.
 */
function readSearch(rawQueryString: string): string {
  const parameters = new URLSearchParams(rawQueryString);
  parameters.delete("operationName", "");
  return parameters.toString();
}

function readBody(event: APIGatewayProxyEventV2): object {
  requireJson(event);
  const text = decodeBody(event);
  if (text.trim() === "") throw badRequest("The request has no body.");
  const body = parseJson(text);
  if (Array.isArray(body)) throw badRequest("Batched operations are not supported. Send one operation per request.");
  if (typeof body !== "object" || body === null) throw badRequest("The body has to be a JSON object.");
  const { operationName, ...others } = body as { operationName?: unknown };
  return operationName === "" ? others : body;
}

function requireJson(event: APIGatewayProxyEventV2): void {
  const { essence, charset = "utf-8" } = parseContentType(event.headers["content-type"] ?? "");
  if (essence !== JSON_TYPE) throw unsupported("The Content-Type has to be application/json.");
  // RFC 8259 §8.1: JSON that systems exchange is UTF-8.
  if (charset !== "utf-8" && charset !== "utf8") throw unsupported("The charset has to be utf-8.");
  const coding = event.headers["content-encoding"] ?? "identity";
  if (coding.toLowerCase() !== "identity")
    throw unsupported("A Content-Encoding is not supported. Send the body as it is.");
}

/** API Gateway sends a body as text, or base64-encoded where it does not know the media type as text. */
function decodeBody({ body = "", isBase64Encoded }: APIGatewayProxyEventV2): string {
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.byteLength > MAX_BODY_BYTES) {
    throw new Refusal(413, "PAYLOAD_TOO_LARGE", `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`);
  }
  if (!isBase64Encoded) return body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest("The body is not valid UTF-8.");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("The body is not valid JSON.");
  }
}

function badRequest(message: string): Refusal {
  return new Refusal(400, "BAD_REQUEST", message);
}

function unsupported(message: string): Refusal {
  return new Refusal(415, "UNSUPPORTED_MEDIA_TYPE", message);
}
