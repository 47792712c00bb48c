import { ANONYMOUS_PLAN, PLANS, type Plan, type PlanName, type Scope } from "./plans.ts";

/** Who is asking. */
export type Caller = AnonymousCaller | PartnerCaller;

export interface AnonymousCaller {
  readonly kind: "anonymous";
  /** A key was sent but the table of keys did not answer: the request goes on as everybody's, and this is why. */
  readonly lookupFailure?: unknown;
}

export interface PartnerCaller {
  readonly kind: "partner";
  readonly keyId: string;
  /** The bucket that pays: a key and those that it was rotated into have one together. */
  readonly bucket: string;
  readonly plan: PlanName;
  readonly scopes: readonly Scope[];
}

export const ANONYMOUS: AnonymousCaller = { kind: "anonymous" };

/** The limits of a caller. */
export function planOf(caller: Caller): Plan {
  return caller.kind === "partner" ? PLANS[caller.plan] : ANONYMOUS_PLAN;
}

export function mayUse(caller: Caller, scope: Scope): boolean {
  const scopes: readonly Scope[] = caller.kind === "partner" ? caller.scopes : ANONYMOUS_PLAN.scopes;
  return scopes.includes(scope);
}
