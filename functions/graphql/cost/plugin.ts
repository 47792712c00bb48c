import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from "graphql";
import { planOf } from "../../../portal/partners/caller.ts";
import { tightestOf } from "../../http/rate-limit.ts";
import type { RequestContext } from "../context.ts";
import { answerTooLarge, costLimitExceeded, queryLimitExceeded } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type OperationCost, operationCost } from "./cost.ts";
import { fragmentsOf } from "./selection.ts";

/** What `extensions.cost` of an answer holds. */
export interface CostExtension {
  /** Units that the operation was computed to cost beforehand. */
  readonly requested: number;
  /** Units that DynamoDB consumed for it. */
  readonly actual: number;
  /** Units that one request of this caller may cost. */
  readonly limit: number;
  /** Units that are left in the caller's bucket, in the window that is tighter; null for who has none. */
  readonly remaining: number | null;
  /** When that window is whole again, RFC 3339; null for who has none. */
  readonly resetAt: string | null;
}

/** One unit of cost is half a read unit: an eventually consistent read of one item of up to 4 KB. */
const UNITS_PER_READ_UNIT = 2;

/**
 * Refuses what is too dear before anything is read, has the caller charged for the rest, and says in every answer what
 * it cost.
 *
 * @param charge takes the cost from the caller's bucket, or throws what the caller is to be told.
 */
export function costing(
  charge: (context: RequestContext, requested: number) => Promise<void>,
): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
        const cost = operation && costOf(schema, document, operation, request.variables ?? {});
        if (!cost) return;
        const { maxRequestCost } = planOf(contextValue.caller);
        if (cost.units > maxRequestCost) throw costLimitExceeded(cost.units, maxRequestCost);
        if (cost.fields > LIMITS.ANSWER_FIELDS.allowed) throw queryLimitExceeded("ANSWER_FIELDS");
        contextValue.cost = { requested: cost.units, readUnitsBefore: contextValue.scope.meter.readUnits };
        await charge(contextValue, cost.units);
      },
      willSendResponse: async ({ contextValue, response }) => {
        const cost = costExtension(contextValue);
        if (!cost || response.body.kind !== "single") return;
        contextValue.record.cost = { requested: cost.requested, actual: cost.actual };
        const { singleResult } = response.body;
        if (contextValue.answer.exceeded) response.body.singleResult = { errors: [answerTooLarge().toJSON()] };
        else singleResult.extensions = { ...singleResult.extensions, cost };
      },
    }),
  };
}

/** Undefined where variables do not coerce: execution says so before it resolves anything. */
function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationCost | undefined {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: 1 });
  return coerced && operationCost(operation, { schema, fragments: fragmentsOf(document), variables: coerced });
}

/** Undefined where the cost was not computed: the operation was refused before. */
function costExtension({ cost, caller, scope, charge }: RequestContext): CostExtension | undefined {
  if (cost === undefined) return undefined;
  const level = charge && charge.kind !== "unmetered" ? tightestOf(charge) : undefined;
  return {
    requested: cost.requested,
    // HEAD was read before, at most every few seconds and for everybody: the same request always says the same.
    actual: Math.ceil((scope.meter.readUnits - cost.readUnitsBefore) * UNITS_PER_READ_UNIT),
    limit: planOf(caller).maxRequestCost,
    remaining: level?.remaining ?? null,
    resetAt: level ? new Date(level.resetAt).toISOString() : null,
  };
}
