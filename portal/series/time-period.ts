import { badInput } from "../errors.ts";
import { civilFromDay, dayFromCivil, daysInMonth } from "./civil-date.ts";

/** SDMX frequency codes: annual, semester, quarter, month, ISO week, day. */
export const FREQUENCIES = ["A", "S", "Q", "M", "W", "D"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/**
 * A time period as a point on the number line of its frequency: consecutive periods have consecutive indexes, so
 * that arithmetic is integer arithmetic. Years for A, half-years for S, quarters for Q, months for M since year 0;
 * ISO weeks for W and days for D since 1970-01-01.
 */
export interface TimePeriod {
  readonly frequency: Frequency;
  readonly index: number;
}

const PER_YEAR = { A: 1, S: 2, Q: 4, M: 12 } as const;

// SDMX 3.0 part 2, §"Observational time period", restricted to the calendar forms: year, semester, quarter, Gregorian
// month, ISO week, date. `2020-A1` and `2020-M09`, which SDMX allows as synonyms, are read but never printed.
const SYNTAX = /^(\d{4})(?:-(?:A1|S([12])|Q([1-4])|M?(\d{2})(?:-(\d{2}))?|W(\d{2})))?$/;

/** Reads `2020`, `2020-S1`, `2020-Q3`, `2020-09`, `2020-W36` or `2020-09-14`; null if it is none or cannot be. */
export function parseTimePeriod(text: string): TimePeriod | null {
  const match = SYNTAX.exec(text);
  if (!match) return null;
  const [, yearText = "", semester, quarter, month, day, week] = match;
  const year = Number(yearText);
  if (year === 0) return null;
  if (semester) return { frequency: "S", index: year * 2 + Number(semester) - 1 };
  if (quarter) return { frequency: "Q", index: year * 4 + Number(quarter) - 1 };
  if (week) return parseWeek(year, Number(week));
  if (!month) return { frequency: "A", index: year };
  if (Number(month) < 1 || Number(month) > 12) return null;
  if (!day) return { frequency: "M", index: year * 12 + Number(month) - 1 };
  if (text.includes("M")) return null;
  if (Number(day) < 1 || Number(day) > daysInMonth(year, Number(month))) return null;
  return { frequency: "D", index: dayFromCivil(year, Number(month), Number(day)) };
}

/** Like `parseTimePeriod`, for arguments: throws `BAD_USER_INPUT` that names the argument. */
export function requireTimePeriod(text: string, argument: string): TimePeriod {
  const period = parseTimePeriod(text);
  if (period) return period;
  throw badInput(
    argument,
    `"${text.slice(0, 40)}" is no time period; write 2020, 2020-S1, 2020-Q3, 2020-09, 2020-W36 or 2020-09-14`,
  );
}

// ISO 8601: week 1 is the week that holds the year's first Thursday. 1970-01-01 was a Thursday, so the week with index
// i has its Thursday on day 7 × i, and the year of that Thursday is the week's year.
function parseWeek(year: number, week: number): TimePeriod | null {
  if (week < 1 || week > 53) return null;
  const firstThursday = Math.floor((dayFromCivil(year, 1, 4) + 3) / 7);
  const index = firstThursday + week - 1;
  return civilFromDay(index * 7).year === year ? { frequency: "W", index } : null;
}

/** The SDMX text of a period. */
export function formatTimePeriod({ frequency, index }: TimePeriod): string {
  const known = FORMATTED[frequency];
  const found = known.get(index);
  if (found !== undefined) return found;
  if (known.size === MOST_FORMATTED) known.clear();
  const text = formatted(frequency, index);
  known.set(index, text);
  return text;
}

/** Series after series has the same periods: a text that is there already costs neither time nor memory. */
const FORMATTED: Readonly<Record<Frequency, Map<number, string>>> = {
  A: new Map(),
  S: new Map(),
  Q: new Map(),
  M: new Map(),
  W: new Map(),
  D: new Map(),
};
/** Fifty years of days. */
const MOST_FORMATTED = 20_000;

function formatted(frequency: Frequency, index: number): string {
  if (frequency === "D") {
    const { year, month, day } = civilFromDay(index);
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  }
  if (frequency === "W") {
    const { year } = civilFromDay(index * 7);
    const firstThursday = Math.floor((dayFromCivil(year, 1, 4) + 3) / 7);
    return `${pad(year, 4)}-W${pad(index - firstThursday + 1, 2)}`;
  }
  const perYear = PER_YEAR[frequency];
  const year = pad(Math.floor(index / perYear), 4);
  const part = (index % perYear) + 1;
  if (frequency === "A") return year;
  return frequency === "M" ? `${year}-${pad(part, 2)}` : `${year}-${frequency}${part}`;
}

/** The first day of a period, as days since 1970-01-01. */
export function startDay({ frequency, index }: TimePeriod): number {
  if (frequency === "D") return index;
  if (frequency === "W") return index * 7 - 3;
  const perYear = PER_YEAR[frequency];
  return dayFromCivil(Math.floor(index / perYear), ((index % perYear) * 12) / perYear + 1, 1);
}

/** The last day of a period, as days since 1970-01-01. */
export function endDay({ frequency, index }: TimePeriod): number {
  return startDay({ frequency, index: index + 1 }) - 1;
}

/** Orders periods by their start; at the same start the longer one comes first. Zero only for equal periods. */
export function compareTimePeriods(a: TimePeriod, b: TimePeriod): number {
  if (a.frequency === b.frequency) return a.index - b.index;
  return startDay(a) - startDay(b) || FREQUENCIES.indexOf(a.frequency) - FREQUENCIES.indexOf(b.frequency);
}

/** The period `n` before (negative: after). */
export function periodsBefore({ frequency, index }: TimePeriod, n: number): TimePeriod {
  return { frequency, index: index - n };
}

/** All periods from `from` to `to`, both included; empty when `to` lies before. Both must have one frequency. */
export function enumerateTimePeriods(from: TimePeriod, to: TimePeriod): TimePeriod[] {
  if (from.frequency !== to.frequency) throw badInput("to", "a range of time periods needs one frequency");
  const length = Math.max(to.index - from.index + 1, 0);
  return Array.from({ length }, (_, i) => ({ frequency: from.frequency, index: from.index + i }));
}

/** The same period a year before; null where that year has none (week 53, 29 February). */
export function samePeriodAYearBefore(period: TimePeriod): TimePeriod | null {
  const { frequency, index } = period;
  if (frequency !== "W" && frequency !== "D") return { frequency, index: index - PER_YEAR[frequency] };
  const text = formatTimePeriod(period);
  return parseTimePeriod(`${pad(Number(text.slice(0, 4)) - 1, 4)}${text.slice(4)}`);
}

/**
 * The inclusive range of indexes, in `frequency`, of the periods that start within [from, to]: how a range of years
 * cuts a monthly series. An open end is infinite.
 */
export function indexRange(frequency: Frequency, from?: TimePeriod, to?: TimePeriod): { first: number; last: number } {
  return {
    first: from ? firstStartingFrom(frequency, startDay(from)) : Number.NEGATIVE_INFINITY,
    last: to ? firstStartingFrom(frequency, endDay(to) + 1) - 1 : Number.POSITIVE_INFINITY,
  };
}

/** The first period of a frequency that starts on the day or later. */
function firstStartingFrom(frequency: Frequency, day: number): number {
  const index = containing(frequency, day);
  return startDay({ frequency, index }) === day ? index : index + 1;
}

function containing(frequency: Frequency, day: number): number {
  if (frequency === "D") return day;
  if (frequency === "W") return Math.floor((day + 3) / 7);
  const { year, month } = civilFromDay(day);
  const perYear = PER_YEAR[frequency];
  return year * perYear + Math.floor(((month - 1) * perYear) / 12);
}

function pad(n: number, width: number): string {
  return String(n).padStart(width, "0");
}
