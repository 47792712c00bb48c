import { next } from "./calendar.ts";
import { compare, divided, exact, fractionOf, minus, percent, rounded } from "./fractions.ts";

/** What is derived from observations, computed once more: exactly, and rounded to twelve digits at the very end. */

export interface Point {
  readonly timePeriod: string;
  readonly value: string | null;
}

export interface ModelDerived {
  readonly timePeriod: string;
  readonly value: string | null;
  readonly undefined: string | null;
  /** Periods of the observations that went in. */
  readonly derivedFrom: readonly { readonly timePeriod: string }[];
}

const DIGITS = 12;

export type Against = "PREVIOUS_PERIOD" | "SAME_PERIOD_A_YEAR_BEFORE";

/** The observation with which one is compared, if there is one. */
function baseOf(point: Point, all: readonly Point[], against: Against): Point | undefined {
  const { timePeriod } = point;
  if (against === "PREVIOUS_PERIOD") return all.find((other) => next(other.timePeriod) === timePeriod);
  const yearBefore = `${Number(timePeriod.slice(0, 4)) - 1}${timePeriod.slice(4)}`;
  return all.find((other) => other.timePeriod === yearBefore);
}

export function comparisonsOf(all: readonly Point[], measure: "CHANGE" | "GROWTH", against: Against): ModelDerived[] {
  return all.map((point) => {
    const base = baseOf(point, all, against);
    const inputs = [point, ...(base ? [base] : [])];
    if (point.value === null) return derived(point, null, "NO_VALUE", inputs);
    if (!base) return derived(point, null, "NO_BASE_PERIOD", inputs);
    if (base.value === null) return derived(point, null, "BASE_HAS_NO_VALUE", inputs);
    const [value, reference] = [fractionOf(point.value), fractionOf(base.value)];
    const difference = minus(value, reference);
    if (measure === "CHANGE") return derived(point, exact(difference), null, inputs);
    if (reference.over === 0n) return derived(point, null, "BASE_IS_ZERO", inputs);
    if (value.over !== 0n && value.over > 0n !== reference.over > 0n)
      return derived(point, null, "SIGN_CHANGES", inputs);
    return derived(point, rounded(percent(divided(difference, reference)), DIGITS), null, inputs);
  });
}

export function sharesOf(all: readonly Point[], parent: readonly Point[] | null): ModelDerived[] {
  return all.map((point) => {
    if (parent === null) return derived(point, null, "NO_PARENT", [point]);
    const whole = parent.find(({ timePeriod }) => timePeriod === point.timePeriod);
    const inputs = [point, ...(whole ? [whole] : [])];
    if (point.value === null) return derived(point, null, "NO_VALUE", inputs);
    if (whole?.value == null) return derived(point, null, "PARENT_HAS_NO_VALUE", inputs);
    const reference = fractionOf(whole.value);
    if (reference.over === 0n) return derived(point, null, "BASE_IS_ZERO", inputs);
    return derived(point, rounded(percent(divided(fractionOf(point.value), reference)), DIGITS), null, inputs);
  });
}

function derived(point: Point, value: string | null, reason: string | null, inputs: readonly Point[]): ModelDerived {
  const derivedFrom = inputs.map(({ timePeriod }) => ({ timePeriod }));
  return { timePeriod: point.timePeriod, value, undefined: reason, derivedFrom };
}

/** Place among the values of a period, ties sharing the better one. */
export function rankOf(value: string | null, values: readonly (string | null)[], direction: "ASC" | "DESC") {
  const known = values.filter((other) => other !== null).map(fractionOf);
  if (value === null) return { rank: null, outOf: known.length, undefined: "NO_VALUE" };
  const own = fractionOf(value);
  const sign = direction === "DESC" ? 1 : -1;
  return {
    rank: 1 + known.filter((other) => sign * compare(other, own) > 0).length,
    outOf: known.length,
    undefined: null,
  };
}
