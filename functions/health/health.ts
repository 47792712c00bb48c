import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { PortalError } from "../../portal/errors.ts";
import type { Portal } from "../../portal/portal.ts";
import { type HttpFunction, headAge, type Report, type RequestRecord, reporting } from "../http/log.ts";
import { requestScope } from "../http/scope.ts";

export const HEALTH_PATH = "/health";

/** Whoever asks whether the portal is well does not wait longer for the store. */
const PATIENCE_MS = 2000;

/**
 * `GET /health`: `{"status":"ok","head":12,"committedAt":"…","ageSeconds":86}`, and 503 with `{"status":"unavailable"}`
 * when the store cannot be read. Before the first release HEAD is 0 and has no age. Reads what every request reads,
 * HEAD, and no more often: asking all the time costs nothing.
 */
export function healthCheck(portal: Portal, report?: Report, now: () => number = Date.now): HttpFunction {
  return reporting(async (event, lambdaContext, record) => {
    record.operation = "health";
    const { method } = event.requestContext.http;
    if (method !== "GET" && method !== "HEAD") return answer(405, { status: "method not allowed" }, record);
    try {
      record.head = await readHead(portal, lambdaContext, record);
      const { release, committedAt } = record.head;
      const ageSeconds = headAge(record, now()) ?? null;
      return answer(200, { status: "ok", head: release, committedAt: committedAt || null, ageSeconds }, record);
    } catch (error) {
      const foreseen = error instanceof PortalError && error.code === "UNAVAILABLE";
      record.codes.add(foreseen ? "UNAVAILABLE" : "INTERNAL_SERVER_ERROR");
      record.failures.push({ error, foreseen });
      return answer(503, { status: "unavailable" }, record);
    }
  }, report);
}

async function readHead(portal: Portal, lambdaContext: Context, record: RequestRecord) {
  const scope = requestScope(lambdaContext, PATIENCE_MS);
  record.meter = scope.meter;
  return (await portal.snapshot(scope)).head;
}

function answer(
  statusCode: number,
  body: Readonly<Record<string, unknown>>,
  { requestId }: RequestRecord,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      ...(statusCode === 405 ? { allow: "GET, HEAD" } : {}),
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
