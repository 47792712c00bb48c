import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { Head } from "../../portal/releases/head.ts";
import type { Meter } from "../../portal/store/meter.ts";

/**
 * What is learned about a request on its way through a function; whoever learns something notes it here. The log line
 * and the metrics are made of it once the request is answered. Neither queries nor variables nor headers go in: what a
 * stranger wrote may hold what nobody else is to read.
 */
export interface RequestRecord {
  /** The id that API Gateway gave, which every answer carries. */
  readonly requestId: string;
  /** The id of Lambda's own lines about the invocation. */
  readonly awsRequestId: string;
  /** Name of the GraphQL operation, or of the route. */
  operation?: string;
  /** The caller's plan; `anonymous` for who has no key. */
  plan?: string;
  /** Which key the caller has, by the name that people call it by; no secret. */
  keyId?: string;
  cost?: { readonly requested: number; readonly actual: number };
  /** HEAD as the request saw it. */
  head?: Pick<Head, "release" | "committedAt">;
  /** Counts the calls to DynamoDB and what they consumed. */
  meter?: Meter;
  /** The same of what was read for everybody who asks after, such as the search index. */
  sharedMeter?: Meter;
  /** Whether the answer came from the function's own cache. */
  cached?: boolean;
  /** Whether the caller's budget could not be read or charged. */
  bucketFailed?: boolean;
  /** Codes of the errors in the answer, each once. */
  readonly codes: Set<string>;
  /** What the answer withholds and the log has to tell. */
  readonly failures: RequestFailure[];
}

export interface RequestFailure {
  readonly error: unknown;
  /** Where in the answer, as GraphQL writes it. */
  readonly path?: readonly (string | number)[];
  /** UNAVAILABLE is foreseen: the caller is told to try again, and nobody has to be woken for one of it. */
  readonly foreseen: boolean;
}

export interface AnsweredRequest {
  readonly record: RequestRecord;
  readonly status: number;
  readonly durationMs: number;
  /** Seconds since HEAD was committed; undefined where HEAD was not asked for, or there is none. */
  readonly headAge: number | undefined;
}

/** Told of every request once it is answered, before the answer leaves: Lambda freezes a function that has returned. */
export type Report = (request: AnsweredRequest) => void;

/** What lines and metrics say that they are of. */
export function serviceName(env: NodeJS.ProcessEnv = process.env): string {
  return env.POWERTOOLS_SERVICE_NAME || "gazetteer";
}

export const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type HttpFunction = (
  event: APIGatewayProxyEventV2,
  lambdaContext: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export type RecordingFunction = (
  event: APIGatewayProxyEventV2,
  lambdaContext: Context,
  record: RequestRecord,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** The function with a record of each request, which goes to `report`. A report that fails fails no request. */
export function reporting(
  answer: RecordingFunction,
  report: Report = () => undefined,
  now: () => number = Date.now,
): HttpFunction {
  return async (event, lambdaContext) => {
    const { requestId } = event.requestContext;
    const record: RequestRecord = {
      requestId,
      awsRequestId: lambdaContext.awsRequestId,
      codes: new Set(),
      failures: [],
    };
    const began = performance.now();
    const result = await answer(event, lambdaContext, record);
    const durationMs = Math.round((performance.now() - began) * 1000) / 1000;
    try {
      report({ record, status: result.statusCode ?? 200, durationMs, headAge: headAge(record, now()) });
    } catch (error) {
      console.error(error);
    }
    return result;
  };
}

/** Whole seconds since a release was committed; undefined before the first one. */
export function headAge({ head }: Pick<RequestRecord, "head">, now: number): number | undefined {
  if (!head?.committedAt) return undefined;
  return Math.max(0, Math.round((now - Date.parse(head.committedAt)) / 1000));
}
