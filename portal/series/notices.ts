import { compareDecimals, shiftThousands } from "./decimal.ts";
import type { Observation, StandingClaim } from "./resolution.ts";

/** What can look wrong in a series. */
export type NoticeCode = "SOURCES_DISAGREE" | "JUMP" | "PART_EXCEEDS_WHOLE" | "ABOVE_MAXIMUM" | "UNIT_SUSPECT";

/** Something that looks wrong. A notice never blocks or changes a value: it says what to look at. */
export interface Notice {
  readonly code: NoticeCode;
  readonly period: number;
  readonly message: string;
  /** The values that were compared, the noticed one first. */
  readonly values: readonly string[];
}

export interface Plausibility {
  /** Observations of the series in the order of time, targets left out. */
  readonly observations: readonly Observation[];
  /** What no value can exceed, by definition of the metric. */
  readonly maximum?: string | undefined;
  /** The series that this one is a part of, by definition of the metric. */
  readonly whole?: Whole | undefined;
}

export interface Whole {
  /** Id of the metric, for the message. */
  readonly name: string;
  readonly observations: readonly Observation[];
  /** By how many powers of a thousand the part's unit exceeds the whole's. */
  readonly thousands: number;
}

/** Statuses that state a measurement; forecasts and estimates may differ without anything being wrong. */
const MEASURED = new Set(["A", "P"]);

/** Two measurements of the same thing may differ by this share of the larger one: rounding in print. */
export const DISAGREEMENT_TOLERANCE = 0.05;

/** A step counts as a jump from half as much again, if it is twice the largest step that the series ever took. */
const JUMP_FACTOR = 2;
const SMALLEST_JUMP = Math.log(1.5);
const STEPS_NEEDED = 3;

/** How far from an exact power of a thousand a ratio may lie and still look like a mistaken unit. */
const UNIT_SLACK = Math.log(2);
const THOUSAND = Math.log(1000);

/** All notices of a series, by period, then code; pure. */
export function findNotices({ observations, maximum, whole }: Plausibility): Notice[] {
  const wholeAt = new Map(whole?.observations.map((observation) => [observation.period, observation]));
  const notices = observations.flatMap((observation) => [
    ...disagreement(observation),
    ...aboveMaximum(observation, maximum),
    ...(whole ? exceedsWhole(observation, wholeAt.get(observation.period), whole) : []),
  ]);
  notices.push(...steps(observations));
  return notices.sort((a, b) => a.period - b.period || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

/** The headline against every other measurement of the period; the one furthest away is named. */
function disagreement({ period, headline, alternatives }: Observation): Notice[] {
  const value = measured(headline);
  if (value === null) return [];
  const others = alternatives.map(measured).filter((other) => other !== null);
  const furthest = others.sort((a, b) => difference(value, b) - difference(value, a))[0];
  if (furthest === undefined || difference(value, furthest) <= DISAGREEMENT_TOLERANCE) return [];
  const thousands = powerOfThousand(value, furthest);
  const values = [value, furthest];
  if (thousands !== 0) {
    return [
      { code: "UNIT_SUSPECT", period, values, message: `two sources differ by a factor near ${factor(thousands)}` },
    ];
  }
  const share = Math.round(difference(value, furthest) * 100);
  return [
    { code: "SOURCES_DISAGREE", period, values, message: `two sources differ by ${share} % of the larger value` },
  ];
}

function aboveMaximum({ period, headline }: Observation, maximum: string | undefined): Notice[] {
  const { value } = headline;
  if (value === null || maximum === undefined || compareDecimals(value, maximum) <= 0) return [];
  return [{ code: "ABOVE_MAXIMUM", period, values: [value, maximum], message: `no value can exceed ${maximum}` }];
}

function exceedsWhole(
  { period, headline }: Observation,
  whole: Observation | undefined,
  { name, thousands }: Whole,
): Notice[] {
  const { value } = headline;
  const limit = whole?.headline.value ?? null;
  if (value === null || limit === null || !isMeasurement(headline) || !isMeasurement(whole?.headline)) return [];
  const comparable = shiftThousands(value, thousands);
  if (compareDecimals(comparable, limit) <= 0) return [];
  const times = Math.round((Number(comparable) / Number(limit)) * 10) / 10;
  const message = `a part of ${name} is ${Number.isFinite(times) ? `${times} times ` : "larger than "}the whole`;
  return [{ code: "PART_EXCEEDS_WHOLE", period, values: [value, shiftThousands(limit, -thousands)], message }];
}

/** Steps between neighbouring periods, on a logarithmic scale: a doubling weighs as much as a halving. */
function steps(observations: readonly Observation[]): Notice[] {
  const notices: Notice[] = [];
  let largest = 0;
  let taken = 0;
  for (const [i, observation] of observations.entries()) {
    const before = observations[i - 1];
    const [from, to] = [before && positive(before), positive(observation)];
    if (!before || from === null || from === undefined || to === null) continue;
    if (observation.period !== before.period + 1) continue;
    const log = logRatio(to, from);
    const step = Math.abs(log);
    const thousands = powerIn(log);
    const { period } = observation;
    const values = [to, from];
    if (thousands !== 0) {
      const message = `differs from the period before by a factor near ${factor(thousands)}`;
      notices.push({ code: "UNIT_SUSPECT", period, values, message });
    } else if (taken >= STEPS_NEEDED && step > SMALLEST_JUMP && step > JUMP_FACTOR * largest) {
      notices.push({
        code: "JUMP",
        period,
        values,
        message: "the step is larger than any that the series took before",
      });
    }
    largest = Math.max(largest, step);
    taken += 1;
  }
  return notices;
}

function isMeasurement(claim: StandingClaim | undefined): boolean {
  return claim !== undefined && MEASURED.has(claim.status);
}

function measured(claim: StandingClaim): string | null {
  return isMeasurement(claim) ? claim.value : null;
}

function positive({ headline }: Observation): string | null {
  const value = measured(headline);
  return value !== null && Number(value) > 0 ? value : null;
}

/** |a − b| as a share of the larger of the two. */
function difference(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  const larger = Math.max(Math.abs(x), Math.abs(y));
  return larger === 0 ? 0 : Math.abs(x - y) / larger;
}

/** ln(a ÷ b). */
function logRatio(a: string, b: string): number {
  return Math.log(Number(a)) - Math.log(Number(b));
}

/** The power of a thousand, other than none, by which two values seem to differ; 0 if they do not seem to. */
function powerOfThousand(a: string, b: string): number {
  if (!(Number(a) > 0 && Number(b) > 0)) return 0;
  return powerIn(logRatio(a, b));
}

function powerIn(log: number): number {
  const power = Math.round(log / THOUSAND);
  return power !== 0 && Math.abs(log - power * THOUSAND) <= UNIT_SLACK ? power : 0;
}

function factor(thousands: number): string {
  return `1000${Math.abs(thousands) === 1 ? "" : `^${Math.abs(thousands)}`}`;
}
