import { randomUUID } from "node:crypto";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { GraphQLSchema } from "graphql";
import { type CursorKey, CursorSeal } from "../../portal/paging/cursor.ts";
import { Buckets } from "../../portal/partners/buckets.ts";
import { KeyRing } from "../../portal/partners/key-ring.ts";
import { Portal } from "../../portal/portal.ts";
import { Store, type TableNames } from "../../portal/store/store.ts";
import { outline } from "../../schema/generated/outline.ts";
import { HEALTH_PATH, healthCheck } from "../health/health.ts";
import { admitCaller } from "../http/caller.ts";
import type { Report } from "../http/log.ts";
import { requestScope } from "../http/scope.ts";
import { countingLists } from "./answer-size.ts";
import { AnswerCache } from "./cache.ts";
import { chargeOperation, rateLimiting } from "./charging.ts";
import { type RequestContext, requestContext } from "./context.ts";
import { costing } from "./cost/plugin.ts";
import { errorFormatter, retryAdvice } from "./errors.ts";
import type { Audience } from "./http/caching.ts";
import { createGraphqlHandler, type GraphqlHandler } from "./http/handler.ts";
import { LIMITS, MAX_VALIDATION_ERRORS, MAX_VARIABLE_ERRORS } from "./limits.ts";
import { persistedDocuments, requireTrusted, TRUSTED_DOCUMENTS } from "./persisted.ts";
import { resolvers } from "./resolvers/index.ts";
import { asksForSchema, describeSchema, executableSchema } from "./schema.ts";

export interface GraphqlFunctionOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames & { readonly partners: string };
  readonly cursorKeys: readonly CursorKey[];
  /** How late a release may be noticed, in milliseconds. */
  readonly headMaxAgeMs?: number;
  /** Whether HEAD is read while the function starts. */
  readonly readsAhead?: boolean;
  /** How long a request waits for the table of keys and buckets before it goes on without, in milliseconds. */
  readonly partnersPatienceMs?: number;
  /** Whether clients may ask for the schema; yes when left out. */
  readonly introspection?: boolean;
  /** Executes nothing but the documents of `schema/operations`. */
  readonly trustedDocumentsOnly?: boolean;
  /** Answers that are kept; 0 keeps none. */
  readonly answerCacheBytes?: number;
  /** Tells this code from any other that answers the same requests. */
  readonly version?: string;
  /** Sees the context of every request that was executed: what it cost is in its meter. */
  readonly onAnswered?: (context: RequestContext) => void;
  /** Told of every request once it is answered: a log, metrics. */
  readonly report?: Report;
}

/** How late a release may be noticed, unless said otherwise. */
const HEAD_MAX_AGE_MS = 5000;
const PARTNERS_PATIENCE_MS = 1000;

/** The GraphQL function with everything that it depends on passed in: what Lambda runs, a machine or a test runs too. */
export function graphqlFunction(options: GraphqlFunctionOptions): GraphqlHandler {
  const { client, tables, cursorKeys, headMaxAgeMs = HEAD_MAX_AGE_MS, introspection = true } = options;
  const { readsAhead = false, partnersPatienceMs = PARTNERS_PATIENCE_MS } = options;
  const { trustedDocumentsOnly = false, answerCacheBytes, version = randomUUID(), onAnswered, report } = options;
  const store = new Store({ client, tables });
  const portal = new Portal({ store, headMaxAgeMs, readsAhead });
  const cursors = new CursorSeal(cursorKeys);
  const ofPartners = { store, table: tables.partners, patienceMs: partnersPatienceMs };
  const [keys, buckets] = [new KeyRing(ofPartners), new Buckets(ofPartners)];
  const schema = executableSchema(outline, countingLists(outline, resolvers));
  const server = new ApolloServer<RequestContext>({
    schema,
    formatError: errorFormatter({ introspection }),
    introspection,
    persistedQueries: { cache: persistedDocuments(TRUSTED_DOCUMENTS) },
    parseOptions: { maxTokens: LIMITS.TOKENS.allowed },
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS, hideSuggestions: !introspection },
    executionOptions: { maxCoercionErrors: MAX_VARIABLE_ERRORS },
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
      ...NONE_OF_APOLLOS,
      describing(schema),
      costing((context, requested) => chargeOperation(context, buckets, requested)),
      rateLimiting(),
      retryAdvice(),
      ...(onAnswered ? [telling(onAnswered)] : []),
    ],
  });
  const health = healthCheck(portal, report);
  const graphql = createGraphqlHandler({
    server,
    createContext: async (event, lambdaContext, record) => {
      const scope = requestScope(lambdaContext);
      const caller = await admitCaller(event.headers, { keys, use: "query", scope, record });
      return requestContext(portal, cursors, { scope, caller, record });
    },
    ...(trustedDocumentsOnly ? { admit: (operation) => requireTrusted(operation, TRUSTED_DOCUMENTS) } : {}),
    caching: {
      answers: new AnswerCache(answerCacheBytes),
      version,
      maxAgeSeconds: Math.ceil(headMaxAgeMs / 1000),
      audienceOf,
    },
    ...(report ? { report } : {}),
  });
  return (event, lambdaContext) =>
    event.rawPath === HEALTH_PATH ? health(event, lambdaContext) : graphql(event, lambdaContext);
}

/**
 * Everybody without a key gets the same of a release; what a partner gets says what their bucket has left. Cursors are
 * sealed, so the key that does that is part of the answer. When HEAD is not to be had, execution says so.
 */
async function audienceOf({ head, caller, cursors }: RequestContext): Promise<Audience | undefined> {
  const known = await head().catch(() => undefined);
  if (known === undefined) return undefined;
  const { release, committedAt } = known;
  return { release: `${release} ${committedAt} ${cursors.keyId}`, shared: caller.kind === "anonymous" };
}

/** What Apollo would load with every cold start, its tracing format of 212 KB among it, or send to its makers. */
const NONE_OF_APOLLOS = [
  ApolloServerPluginCacheControlDisabled(),
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

/** Descriptions are loaded for the first who asks for the schema. */
function describing(schema: GraphQLSchema): ApolloServerPlugin<RequestContext> {
  let described: Promise<void> | undefined;
  const load = async () => describeSchema(schema, (await import("../../schema/generated/sdl.ts")).sdl);
  return {
    requestDidStart: async () => ({
      didResolveSource: async ({ source }) => {
        if (!asksForSchema(source)) return;
        described ??= load();
        await described;
      },
    }),
  };
}

function telling(onAnswered: (context: RequestContext) => void): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue }) => onAnswered(contextValue),
    }),
  };
}
