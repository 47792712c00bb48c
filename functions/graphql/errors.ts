import type { ApolloServerPlugin } from "@apollo/server";
import { ApolloServerErrorCode, unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import { PortalError } from "../../portal/errors.ts";
import type { ErrorCode } from "../../schema/generated/resolvers.ts";
import { LIMITS, type LimitName, MAX_MESSAGE_LENGTH } from "./limits.ts";

/** The document is beyond what anybody may send. Nothing of it was looked at further, so that its size is not known. */
export function queryLimitExceeded(limit: LimitName): GraphQLError {
  const { allowed, of } = LIMITS[limit];
  return refusal("QUERY_LIMIT_EXCEEDED", `At most ${allowed} ${of} are allowed.`, { limit, allowed });
}

/** The operation would cost more than its caller may spend on one. */
export function costLimitExceeded(requested: number, allowed: number): GraphQLError {
  const message = `The operation would cost ${requested}, and ${allowed} is allowed. Ask for less at a time.`;
  return refusal("COST_LIMIT_EXCEEDED", message, { requested, allowed });
}

/** The answer had become too large before it was whole. Whoever answers says where to get it. */
export function answerTooLarge(): GraphQLError {
  return refusal("RESPONSE_TOO_LARGE", "The answer is too large to be made.", {});
}

/**
 * An operation that is not executed: a 400 in `application/graphql-response+json` and, since the request is well
 * formed, a 200 in `application/json` (GraphQL over HTTP, "Status Codes").
 */
function refusal(code: ErrorCode, message: string, extensions: Readonly<Record<string, unknown>>): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions, http: { status: 400 } } });
}

export interface FormatOptions {
  /** Whether clients may ask for the schema. Where they may not, no error tells them what it holds. */
  readonly introspection: boolean;
}

/**
 * The errors of the core as clients see them: `extensions.code`, and `extensions.argument` where one is at fault. What
 * nobody foresaw keeps Apollo's INTERNAL_SERVER_ERROR, and the adapter withholds its message.
 */
export function errorFormatter(options: FormatOptions) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { message, ...rest } = formattedError(formatted, error, options);
    return {
      message: message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message,
      ...rest,
    };
  };
}

function formattedError(
  formatted: GraphQLFormattedError,
  error: unknown,
  { introspection }: FormatOptions,
): GraphQLFormattedError {
  const origin = unwrapResolverError(error);
  if (origin instanceof PortalError) return portalError(formatted, origin);
  if (isUnknownOperation(error)) return withCode(formatted, ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED);
  const refused = argumentRefusedBy(error);
  if (refused) return { ...formatted, extensions: { ...formatted.extensions, ...refused } };
  if (isWithoutCode(error)) return withCode(formatted, codeFor(error));
  if (introspection) return formatted;
  return formatted.extensions?.validationErrorCode === NO_INTROSPECTION
    ? { ...withCode(formatted, ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED), message: SCHEMA_WITHHELD }
    : { ...formatted, message: formatted.message.replace(SUGGESTION, "") };
}

/** How Apollo marks a question about the schema that it was told not to answer; its message tells how to allow it. */
const NO_INTROSPECTION = "INTROSPECTION_DISABLED";
const SCHEMA_WITHHELD = "Questions about the schema are not answered here.";

/** What graphql-js adds where a name is like one that the schema has. */
const SUGGESTION = / ?Did you mean .+\?$/s;

function portalError(formatted: GraphQLFormattedError, { code, argument }: PortalError): GraphQLFormattedError {
  const known = code === "INTERNAL" ? ApolloServerErrorCode.INTERNAL_SERVER_ERROR : code;
  const { extensions, ...shown } = withCode(formatted, known);
  return { ...shown, extensions: { ...extensions, ...(argument === undefined ? {} : { argument }) } };
}

/** graphql-js finds out at execution, and gives no code, that the schema has no mutations or subscriptions. */
function isUnknownOperation(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || error.originalError || error.path) return false;
  return error.nodes?.[0]?.kind === Kind.OPERATION_DEFINITION;
}

/**
 * graphql-js reads arguments when it resolves their field, and only then finds null in a variable whose type allows it
 * and whose default let it stand where null may not be (GraphQL specification, "Allowing Optional Variables When Default
 * Values Exist"). It gives that no code.
 */
function argumentRefusedBy(error: unknown): { code: ErrorCode; argument: string } | undefined {
  const origin = unwrapResolverError(error);
  if (!(origin instanceof GraphQLError) || origin.extensions.code !== undefined) return undefined;
  const [, argument] = REFUSED_ARGUMENT.exec(origin.message) ?? [];
  return argument === undefined ? undefined : { code: "BAD_USER_INPUT", argument };
}

const REFUSED_ARGUMENT = /^Argument "(\w+)" (?:of (?:required|non-null) type|has invalid value) /;

/** An operation of which nothing can be executed, since a directive's argument decides what is asked for. */
export function conditionRefused(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    extensions: { ...argumentRefusedBy(error), http: { status: 400 } },
  });
}

/** An error of graphql-js or Apollo about the request itself, which they gave no code. */
function isWithoutCode(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && !error.originalError && !error.path && error.extensions.code === undefined;
}

function codeFor({ message, extensions }: GraphQLError): string {
  if (TOO_MANY_WRONG_VARIABLES.test(message)) return ApolloServerErrorCode.BAD_USER_INPUT;
  // A persisted query whose hash is not that of its text, or of a version that is not known.
  const { status } = (extensions.http ?? {}) as { status?: number };
  return status === 400 ? ApolloServerErrorCode.BAD_REQUEST : ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
}

/** graphql-js stops counting at `MAX_VARIABLE_ERRORS`. */
const TOO_MANY_WRONG_VARIABLES = /^Too many errors processing variables/;

function withCode(formatted: GraphQLFormattedError, code: string): GraphQLFormattedError {
  const { validationErrorCode: _, ...extensions } = formatted.extensions ?? {};
  return { ...formatted, extensions: { ...extensions, code } };
}

/** DynamoDB's throttling is counted by the second. */
const RETRY_AFTER_SECONDS = 1;

/** Says in `Retry-After` when what was UNAVAILABLE may be asked for again. */
export function retryAdvice(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ errors = [], response }) => {
        if (errors.some(isUnavailable)) response.http.headers.set("retry-after", `${RETRY_AFTER_SECONDS}`);
      },
    }),
  };
}

function isUnavailable(error: unknown): boolean {
  const origin = unwrapResolverError(error);
  return origin instanceof PortalError && origin.code === "UNAVAILABLE";
}
