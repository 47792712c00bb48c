/**
 * Proleptic Gregorian dates as day numbers since 1970-01-01, without `Date`, which reads years below 100 as 19xx.
 * The era arithmetic is Howard Hinnant's, "chrono-Compatible Low-Level Date Algorithms": a year starts in March, so
 * that the leap day is its last.
 */

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAYS_PER_ERA = 146_097;
/** 0000-03-01 to 1970-01-01. */
const EPOCH = 719_468;

export function dayFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - EPOCH;
}

export function civilFromDay(dayNumber: number): CivilDate {
  const shifted = dayNumber + EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

const PARTIAL = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/** Whether a text is a calendar date to the precision known: `2018`, `2018-03` or `2018-03-06`. */
export function isPartialDate(text: string): boolean {
  const match = PARTIAL.exec(text);
  if (!match) return false;
  const [, year, month, day] = match.map(Number);
  if (!year) return false;
  if (match[2] === undefined) return true;
  if (!month || month > 12) return false;
  return match[3] === undefined || (day !== undefined && day >= 1 && day <= daysInMonth(year, month));
}

/** Whether a text is a full calendar date, `2018-03-06`. */
export function isFullDate(text: string): boolean {
  return text.length === 10 && isPartialDate(text);
}
