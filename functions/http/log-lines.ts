import { Logger } from "@aws-lambda-powertools/logger";
import { readableStack } from "../stack.ts";
import { type AnsweredRequest, type LogLevel, type Report, type RequestFailure, serviceName } from "./log.ts";

export interface LogOptions {
  /** The least important level that is written; LOG_LEVEL, or INFO, unless said otherwise. */
  readonly level?: LogLevel;
}

/**
 * One line of JSON per request: INFO, WARN where the store was UNAVAILABLE, ERROR where something happened that nobody
 * foresaw. Fields: docs/operations.md, "What a request leaves behind".
 */
export function requestLog({ level }: LogOptions = {}): Report {
  const logger = new Logger({ serviceName: serviceName(), ...(level === undefined ? {} : { logLevel: level }) });
  return (request) => {
    const { failures } = request.record;
    const fields = fieldsOf(request);
    if (failures.some(({ foreseen }) => !foreseen)) logger.error("a request failed unexpectedly", fields);
    else if (failures.length > 0) logger.warn("a request was not served: the store was unavailable", fields);
    else logger.info("a request was answered", fields);
  };
}

function fieldsOf({ record, status, durationMs }: AnsweredRequest) {
  const { requestId, awsRequestId, operation, plan, keyId, cost, head, meter, sharedMeter, codes, failures } = record;
  return {
    requestId,
    awsRequestId,
    operation,
    status,
    durationMs,
    plan,
    keyId,
    cost,
    release: head?.release,
    cached: record.cached ?? false,
    ...(meter ? { calls: meter.calls, readUnits: meter.readUnits, writeUnits: meter.writeUnits } : {}),
    ...(sharedMeter?.calls ? { shared: { calls: sharedMeter.calls, readUnits: sharedMeter.readUnits } } : {}),
    ...(codes.size > 0 ? { codes: [...codes] } : {}),
    ...(record.bucketFailed ? { bucketFailed: true } : {}),
    ...(failures.length > 0 ? { errors: failures.slice(0, MOST_ERRORS).map(describe) } : {}),
  };
}

/** One cause fails many fields of a query alike. */
const MOST_ERRORS = 5;

function describe({ error, path, foreseen }: RequestFailure): unknown {
  const at = path === undefined ? {} : { path };
  if (!(error instanceof Error)) return { ...at, message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    ...at,
    name,
    message,
    // Where a store did not answer says nothing; why it did not says all.
    ...(foreseen ? {} : { stack: readableStack(stack ?? "") }),
    ...(cause === undefined ? {} : { cause: String(cause) }),
  };
}
