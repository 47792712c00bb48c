import type { HTTPGraphQLResponse } from "@apollo/server";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { GraphQLFormattedError } from "graphql";
import type { Refusal } from "../../http/refusal.ts";
import { JSON_TYPE, parseContentType, type ResponseType } from "./media-types.ts";

/** The code of an error that nobody foresaw. Its message stays inside. */
export const UNEXPECTED = "INTERNAL_SERVER_ERROR";
const UNEXPECTED_MESSAGE = "The server met an unexpected error. Quote the request id when you report it.";

/** What Apollo puts first in the body of an answer with errors; a test pins it. */
const ERRORS_FIRST = '{"errors":';

const METHOD_NOT_ALLOWED = 405;

export interface Answer {
  readonly result: APIGatewayProxyStructuredResultV2;
  /** The code of each of the answer's `errors`. */
  readonly codes: readonly string[];
}

/**
 * Apollo's response as API Gateway takes it, every error marked with the request id and every unforeseen one with its
 * message withheld.
 */
export function answerOf(response: HTTPGraphQLResponse, requestId: string): Answer {
  if (response.body.kind !== "complete") throw new Error("incremental delivery is not offered");
  const headers = Object.fromEntries(response.headers);
  const status = response.status ?? 200;
  if (!response.body.string.startsWith(ERRORS_FIRST)) {
    return { result: resultOf(status, headers, response.body.string, requestId), codes: [] };
  }
  const body: { errors: GraphQLFormattedError[] } = JSON.parse(response.body.string);
  const errors = body.errors.map((error) => publicError(error, status, requestId));
  return {
    result: resultOf(
      statusOf(status, headers["content-type"] ?? "", errors),
      headers,
      JSON.stringify({ ...body, errors }),
      requestId,
    ),
    codes: errors.map(({ extensions }) => String(extensions?.code)),
  };
}

/** A request turned away, in the shape of a GraphQL answer. */
export function answerOfRefusal(
  refusal: Refusal,
  type: ResponseType,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const error = { message: refusal.message, extensions: { code: refusal.code, requestId } };
  return errorResult(refusal.status, { ...refusal.headers }, error, type, requestId);
}

/** An exception on the way, in the shape of a GraphQL answer that tells nothing about it. */
export function answerOfUnexpected(type: ResponseType, requestId: string): APIGatewayProxyStructuredResultV2 {
  const error = { message: UNEXPECTED_MESSAGE, extensions: { code: UNEXPECTED, requestId } };
  return errorResult(500, {}, error, type, requestId);
}

/**
 * GraphQL over HTTP, "Status Codes": in `application/json` a well-formed request is answered with 200 even when its
 * document does not parse or validate; in `application/graphql-response+json` that is a 400, which Apollo has set.
 */
function statusOf(status: number, contentType: string, errors: readonly GraphQLFormattedError[]): number {
  const wellFormed = errors.every(({ extensions }) => extensions?.code !== "BAD_REQUEST");
  return status === 400 && wellFormed && parseContentType(contentType).essence === JSON_TYPE ? 200 : status;
}

function publicError(error: GraphQLFormattedError, status: number, requestId: string): GraphQLFormattedError {
  const { stacktrace: _, ...extensions } = error.extensions ?? {};
  // Apollo has a status of its own for what GET may not ask for, and no code.
  if (status === METHOD_NOT_ALLOWED) extensions.code = "METHOD_NOT_ALLOWED";
  const message = extensions.code === UNEXPECTED ? UNEXPECTED_MESSAGE : error.message;
  return { ...error, message, extensions: { ...extensions, requestId } };
}

function errorResult(
  status: number,
  headers: Record<string, string>,
  error: GraphQLFormattedError,
  type: ResponseType,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const withType = { ...headers, "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" };
  return resultOf(status, withType, JSON.stringify({ errors: [error] }), requestId);
}

function resultOf(
  statusCode: number,
  headers: Record<string, string>,
  body: string,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { ...headers, "x-content-type-options": "nosniff", "x-request-id": requestId },
    body,
    isBase64Encoded: false,
  };
}
