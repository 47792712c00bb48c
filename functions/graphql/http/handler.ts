import type {
  ApolloServer,
  ApolloServerPlugin,
  BaseContext,
  HTTPGraphQLRequest,
  HTTPGraphQLResponse,
} from "@apollo/server";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { GraphQLError } from "graphql";
import {
  type HttpFunction,
  type RecordingFunction,
  type Report,
  type RequestFailure,
  type RequestRecord,
  reporting,
} from "../../http/log.ts";
import { BULK_EXPORT, isSendable, MAX_ANSWER_BYTES } from "../../http/payload.ts";
import { Refusal } from "../../http/refusal.ts";
import { documentCheck } from "../limits-document.ts";
import { answerOf, answerOfRefusal, answerOfUnexpected, UNEXPECTED } from "./answer.ts";
import { Caching, type CachingOptions, passing } from "./caching.ts";
import { chooseResponseType, JSON_TYPE } from "./media-types.ts";
import { type Operation, operationOf } from "./operation.ts";
import { queryIn, readRequest } from "./request.ts";

export type GraphqlHandler = HttpFunction;

export interface GraphqlHandlerOptions<TContext extends BaseContext> {
  /** A server that has not been started; the handler starts it once, in the background. */
  readonly server: ApolloServer<TContext>;
  /** The context of one request. A `GraphQLError` thrown here reaches the client as it is, anything else does not. */
  readonly createContext: (
    event: APIGatewayProxyEventV2,
    lambdaContext: Context,
    record: RequestRecord,
  ) => Promise<TContext>;
  /** Refuses operations that this environment does not execute, by throwing a `Refusal`. */
  readonly admit?: (operation: Operation | undefined) => void;
  /** Answers without a cache when left out. */
  readonly caching?: CachingOptions<TContext>;
  /** Told of every request once it is answered. */
  readonly report?: Report;
}

/**
 * The Lambda function behind `GET`, `HEAD` and `POST /graphql` of an API Gateway HTTP API (payload 2.0): GraphQL over HTTP as
 * graphql.github.io/graphql-over-http describes it.
 */
export function createGraphqlHandler<TContext extends BaseContext>(
  options: GraphqlHandlerOptions<TContext>,
): GraphqlHandler {
  const { server, createContext, admit, report } = options;
  const caching = options.caching && new Caching(options.caching);
  const exchanges = new WeakMap<HTTPGraphQLRequest, Exchange>();
  const checkDocument = documentCheck();
  server.addPlugin(noting(exchanges));
  server.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();

  const answer: RecordingFunction = async (event, lambdaContext, record) => {
    const request = readRequest(event);
    const operation = operationOf(request);
    admit?.(operation);
    const context = await made(createContext(event, lambdaContext, record));
    const place =
      operation && caching && !(context instanceof GraphQLError)
        ? await caching.placeOf(context, operation, event.headers, request.headers.get("accept") ?? JSON_TYPE)
        : undefined;
    const ifNoneMatch = request.method === "GET" ? event.headers["if-none-match"] : undefined;
    const known = place && caching?.known(place, ifNoneMatch, record);
    if (known) return known;

    const exchange: Exchange = { record, errors: [] };
    exchanges.set(request, exchange);
    const response = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: request,
      context: async () => {
        if (context instanceof GraphQLError) throw context;
        // Ahead of validation, whose time grows with the square of what some documents hold.
        checkDocument(queryIn(request));
        return context;
      },
    });
    const { result, codes } = answerOf(response, record.requestId);
    noteErrors(exchange, codes);
    const requireRoom = (isThere: boolean) => {
      if (!isThere) throw tooLarge(request, response);
    };
    requireRoom(!codes.includes(TOO_LARGE) && Buffer.byteLength(result.body ?? "") <= MAX_ANSWER_BYTES);
    const isWhole = codes.length === 0 && result.statusCode === 200;
    const sent =
      caching && place && isWhole
        ? caching.kept(place, result, record)
        : passing(result, event.headers["accept-encoding"]);
    requireRoom(isSendable(sent));
    return sent;
  };

  const answerOrRefuse: RecordingFunction = async (event, lambdaContext, record) => {
    const { requestId } = record;
    try {
      return await answer(event, lambdaContext, record);
    } catch (error) {
      const type = chooseResponseType(event.headers.accept) ?? JSON_TYPE;
      record.codes.add(error instanceof Refusal ? error.code : UNEXPECTED);
      if (error instanceof Refusal) return answerOfRefusal(error, type, requestId);
      record.failures.push(failureOf(error, UNEXPECTED));
      return answerOfUnexpected(type, requestId);
    }
  };
  return reporting(withHead(answerOrRefuse), report);
}

/** RFC 9110 §9.3.2: HEAD is answered as GET is, without the content. */
function withHead(answer: RecordingFunction): RecordingFunction {
  return async (event, lambdaContext, record) => {
    const { requestContext } = event;
    if (requestContext.http.method !== "HEAD") return answer(event, lambdaContext, record);
    const http = { ...requestContext.http, method: "GET" };
    const result = await answer({ ...event, requestContext: { ...requestContext, http } }, lambdaContext, record);
    return { ...result, body: "", isBase64Encoded: false };
  };
}

const TOO_LARGE = "RESPONSE_TOO_LARGE";

/**
 * The request is well formed, so that in `application/json` it is answered with 200 (GraphQL over HTTP, "Status Codes").
 * It was charged, and the answer says so as any other does.
 */
function tooLarge({ headers }: HTTPGraphQLRequest, response: HTTPGraphQLResponse): Refusal {
  const status = headers.get("accept") === JSON_TYPE ? 200 : 400;
  const message = `The answer is too large to be sent. Ask for less at a time, or take the bulk export at ${BULK_EXPORT}.`;
  const rateLimit = [...response.headers].filter(([name]) => name.startsWith("ratelimit"));
  return new Refusal(status, TOO_LARGE, message, {
    ...Object.fromEntries(rateLimit),
    link: `<${BULK_EXPORT}>; rel="alternate"`,
  });
}

const UNAVAILABLE = "UNAVAILABLE";

/** Apollo turns whatever the context throws into an answer that quotes it; only an error that is meant so may get there. */
async function made<TContext>(context: Promise<TContext>): Promise<TContext | GraphQLError> {
  try {
    return await context;
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/** A request on its way through Apollo. */
interface Exchange {
  readonly record: RequestRecord;
  /** As they were thrown: what the answer withholds, the log has to tell. */
  errors: readonly GraphQLError[];
}

/** Apollo tells its plugins what its answer does not say. */
function noting(exchanges: WeakMap<HTTPGraphQLRequest, Exchange>): ApolloServerPlugin {
  const of = (http: HTTPGraphQLRequest | undefined) => (http === undefined ? undefined : exchanges.get(http));
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ request, operationName }) => {
        const exchange = of(request.http);
        if (exchange && operationName) exchange.record.operation = operationName.slice(0, LONGEST_NAME);
      },
      didEncounterErrors: async ({ request, errors }) => {
        const exchange = of(request.http);
        if (exchange) exchange.errors = errors;
      },
    }),
  };
}

/** A name says what a client was at; what is longer is no name. */
const LONGEST_NAME = 80;

function noteErrors({ record, errors }: Exchange, codes: readonly string[]): void {
  for (const [index, code] of codes.entries()) {
    record.codes.add(code);
    if (code !== UNEXPECTED && code !== UNAVAILABLE) continue;
    record.failures.push(failureOf(errors[index] ?? new Error(`answered with ${code} for no known reason`), code));
  }
}

/** Resolvers' errors come wrapped; the log is to tell what was thrown, and at which field. */
function failureOf(error: unknown, code: string): RequestFailure {
  const foreseen = code === UNAVAILABLE;
  if (!(error instanceof GraphQLError)) return { error, foreseen };
  const path = error.path === undefined ? {} : { path: error.path };
  return { error: error.originalError ?? error, foreseen, ...path };
}
