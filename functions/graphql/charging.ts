import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import type { Buckets } from "../../portal/partners/buckets.ts";
import { chargeCaller, noRoom, rateLimitHeaders, retryAfterOf } from "../http/rate-limit.ts";
import type { RequestContext } from "./context.ts";

/**
 * Charges the bucket of whoever asks, before anything is executed. An answer that comes from a cache does not get here.
 *
 * @param requested what the operation may cost at most, as it was computed beforehand.
 * @throws GraphQLError `RATE_LIMITED`, with HTTP status 429, when there is no room for it yet.
 */
export async function chargeOperation(context: RequestContext, buckets: Buckets, requested: number): Promise<void> {
  const { caller, scope, record } = context;
  const charge = await chargeCaller(caller, requested, { buckets, scope, record });
  if (charge === undefined) return;
  context.charge = charge;
  if (charge.kind !== "refused") return;
  const retryAfter = retryAfterOf(charge.waitMs);
  throw new GraphQLError(noRoom(record, charge), {
    extensions: { code: "RATE_LIMITED", retryAfter, http: { status: 429 } },
  });
}

/** Tells partners in every answer, refusals included, what their bucket has left. */
export function rateLimiting(now: () => number = Date.now): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue: { charge }, response }) => {
        if (!charge) return;
        for (const [name, value] of Object.entries(rateLimitHeaders(charge, now()))) {
          response.http.headers.set(name, value);
        }
      },
    }),
  };
}
