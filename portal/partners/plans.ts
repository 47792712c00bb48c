/** What a key may be used for. */
export type Scope =
  /** GraphQL, and the lists of the partner API. */
  | "query"
  /** Whole metrics and dumps. */
  | "export";

export const SCOPES = ["query", "export"] as const satisfies readonly Scope[];

/** What everybody may ask, whoever they are. */
export interface Plan {
  /** The most that one request may cost; see `docs/api.md` for what a unit of cost is. */
  readonly maxRequestCost: number;
  /** What a key of this plan may be allowed to do. */
  readonly scopes: readonly Scope[];
}

/** The plan of a key: what all its requests may cost together. */
export interface PartnerPlan extends Plan {
  /** Cost that a full bucket drains in a minute, and in a day. A bucket holds what it drains in that time. */
  readonly costPerMinute: number;
  readonly costPerDay: number;
}

/**
 * Without a key. No bucket: to count the anonymous would cost a write for every one of their requests, and they are
 * limited by address at the edge.
 */
export const ANONYMOUS_PLAN: Plan = { maxRequestCost: 5_000, scopes: ["query"] };

/**
 * The plans of partners by name. A minute holds at least two requests of the largest size: what an instance still owes
 * the bucket (`buckets.ts`) can then never keep out the request after it.
 */
export const PLANS = {
  basic: { maxRequestCost: 10_000, costPerMinute: 60_000, costPerDay: 5_000_000, scopes: ["query"] },
  standard: { maxRequestCost: 20_000, costPerMinute: 300_000, costPerDay: 50_000_000, scopes: ["query", "export"] },
  bulk: { maxRequestCost: 50_000, costPerMinute: 1_000_000, costPerDay: 200_000_000, scopes: ["query", "export"] },
} as const satisfies Record<string, PartnerPlan>;

export type PlanName = keyof typeof PLANS;

export const PLAN_NAMES = Object.keys(PLANS) as PlanName[];

export function isPlanName(name: string): name is PlanName {
  return Object.hasOwn(PLANS, name);
}

export function isScope(name: string): name is Scope {
  return (SCOPES as readonly string[]).includes(name);
}
