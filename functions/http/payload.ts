import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** A synchronous invocation answers with at most 6 MB: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESULT_BYTES = 6 * 1024 * 1024;

/** Of these the status, the headers and the cookies take their part. */
const KEPT_FOR_HEADERS = 64 * 1024;

/** API Gateway passes on no more, and to compress what is larger would take longer than to ask in two requests. */
export const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** Where everything can be had in one go. */
export const BULK_EXPORT = "/v1/dumps";

/** Whether Lambda can hand over a result; one that is too large would reach the client as a bare 502. */
export function isSendable({ body = "", isBase64Encoded }: APIGatewayProxyStructuredResultV2): boolean {
  const room = MAX_RESULT_BYTES - KEPT_FOR_HEADERS;
  if (isBase64Encoded) return body.length <= room;
  // A result travels as JSON, which writes a quote as two characters and a Chinese character as three bytes.
  return body.length * 3 <= room || Buffer.byteLength(JSON.stringify(body)) <= room;
}
