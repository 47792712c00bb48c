import { compareDecimals, ratio, roundedDecimal, subtract } from "./decimal.ts";
import type { Observation } from "./resolution.ts";
import { type Frequency, periodsBefore, samePeriodAYearBefore, startDay } from "./time-period.ts";

export type DerivedMeasure = "CHANGE" | "GROWTH" | "COMPOUND_GROWTH" | "SHARE_OF_PARENT" | "RANK";

/** Why a derived value is not defined. */
export type UndefinedReason =
  | "NO_VALUE"
  | "NO_BASE_PERIOD"
  | "BASE_HAS_NO_VALUE"
  | "BASE_IS_ZERO"
  | "SIGN_CHANGES"
  | "OUT_OF_RANGE"
  | "NO_PARENT"
  | "NOT_COMPARABLE"
  | "PARENT_HAS_NO_VALUE";

/** A value that was computed, with what it was computed from; either a value or a reason why there is none. */
export interface Derived<Input extends Observation = Observation> {
  readonly period: number;
  readonly value: string | null;
  readonly undefined: UndefinedReason | null;
  readonly derivedFrom: readonly Input[];
}

export type ComparisonBase = "PREVIOUS_PERIOD" | "SAME_PERIOD_A_YEAR_BEFORE";

/** The period that a period is compared with; null where the calendar has none. */
export function basePeriod(frequency: Frequency, index: number, against: ComparisonBase): number | null {
  const period = { frequency, index };
  const base = against === "PREVIOUS_PERIOD" ? periodsBefore(period, 1) : samePeriodAYearBefore(period);
  return base === null ? null : base.index;
}

/** value − base, exact, in the metric's unit. */
export function change<I extends Observation>(observation: I, base: I | undefined): Derived<I> {
  return compare(observation, base, (value, reference) => ({ value: subtract(value, reference) }));
}

/** (value ÷ base − 1) × 100, to 12 significant digits, in %. */
export function growth<I extends Observation>(observation: I, base: I | undefined): Derived<I> {
  return compare(observation, base, (value, reference) => {
    const reason = unfitBase(value, reference);
    return reason ? { reason } : { value: ratio(subtract(value, reference), reference, 100) };
  });
}

/** ((value ÷ base) ^ (1 ÷ years) − 1) × 100, to 12 significant digits, in % per year. `years` must be positive. */
export function compoundGrowth<I extends Observation>(
  observation: I | undefined,
  base: I | undefined,
  period: number,
  years: number,
): Derived<I> {
  if (!observation) return undefinedAt(period, "NO_VALUE", [base]);
  return compare(observation, base, (value, reference) => {
    const reason = unfitBase(value, reference);
    if (reason) return { reason };
    if (years === 1) return { value: ratio(subtract(value, reference), reference, 100) };
    const rate = Math.expm1(logFactor(value, reference) / years) * 100;
    return Number.isFinite(rate) ? { value: roundedDecimal(rate) } : { reason: "OUT_OF_RANGE" };
  });
}

/** value ÷ the parent's value × 100, to 12 significant digits, in %. */
export function shareOfParent<I extends Observation>(observation: I, parent: I | undefined): Derived<I> {
  const { period, headline } = observation;
  if (headline.value === null) return undefinedAt(period, "NO_VALUE", [observation, parent]);
  const whole = parent?.headline.value ?? null;
  if (whole === null) return undefinedAt(period, "PARENT_HAS_NO_VALUE", [observation, parent]);
  if (Number(whole) === 0) return undefinedAt(period, "BASE_IS_ZERO", [observation, parent]);
  const value = ratio(headline.value, whole, 100);
  return { period, value, undefined: null, derivedFrom: [observation, parent as I] };
}

/** Years from the start of one period to the start of another; exact for calendar periods. */
export function yearsBetween(frequency: Frequency, from: number, to: number): number {
  const perYear = { A: 1, S: 2, Q: 4, M: 12 } as const;
  if (frequency !== "W" && frequency !== "D") return (to - from) / perYear[frequency];
  const MEAN_YEAR = 365.2425;
  return (startDay({ frequency, index: to }) - startDay({ frequency, index: from })) / MEAN_YEAR;
}

/** Place of a value among values, 1 first; equal values share the better place. */
export function rankOf(value: string, values: readonly string[], descending: boolean): number {
  return 1 + values.filter((other) => compareDecimals(other, value) * (descending ? 1 : -1) > 0).length;
}

export function undefinedAt<I extends Observation>(
  period: number,
  reason: UndefinedReason,
  inputs: readonly (I | undefined)[],
): Derived<I> {
  return { period, value: null, undefined: reason, derivedFrom: inputs.filter((input) => input !== undefined) };
}

function compare<I extends Observation>(
  observation: I,
  base: I | undefined,
  compute: (value: string, base: string) => { value: string } | { reason: UndefinedReason },
): Derived<I> {
  const { period, headline } = observation;
  if (headline.value === null) return undefinedAt(period, "NO_VALUE", [observation, base]);
  if (!base) return undefinedAt(period, "NO_BASE_PERIOD", [observation]);
  if (base.headline.value === null) return undefinedAt(period, "BASE_HAS_NO_VALUE", [observation, base]);
  const result = compute(headline.value, base.headline.value);
  if ("reason" in result) return undefinedAt(period, result.reason, [observation, base]);
  return { period, value: result.value, undefined: null, derivedFrom: [observation, base] };
}

/** Growth from nothing has no rate, and neither has growth through zero. */
function unfitBase(value: string, base: string): UndefinedReason | null {
  const [to, from] = [Math.sign(Number(value)), Math.sign(Number(base))];
  if (from === 0) return "BASE_IS_ZERO";
  return to !== 0 && to !== from ? "SIGN_CHANGES" : null;
}

/** ln(value ÷ base), for two values of one sign; near 1 by way of the difference, of which no digits are lost. */
function logFactor(value: string, base: string): number {
  const excess = Number(ratio(subtract(value, base), base, 1, 17));
  return Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(Number(ratio(value, base, 1, 17)));
}
