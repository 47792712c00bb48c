import type { Context } from "aws-lambda";
import { type CallScope, callScope, DEFAULT_DEADLINE_MS } from "../../portal/store/calls.ts";

/** What is kept back of the time that Lambda has left, to still answer in. */
const MARGIN_MS = 500;

/** What all calls to the store for one request share: what they cost, and a deadline of `mostMs` or what Lambda has left. */
export function requestScope(
  lambdaContext: Pick<Context, "getRemainingTimeInMillis">,
  mostMs = DEFAULT_DEADLINE_MS,
): CallScope {
  const remaining = Math.max(lambdaContext.getRemainingTimeInMillis() - MARGIN_MS, 0);
  return callScope(Math.min(mostMs, remaining));
}
