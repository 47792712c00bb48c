import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortalError } from "../../portal/errors.ts";
import {
  compareTimePeriods,
  endDay,
  enumerateTimePeriods,
  FREQUENCIES,
  type Frequency,
  formatTimePeriod,
  indexRange,
  parseTimePeriod,
  periodsBefore,
  requireTimePeriod,
  samePeriodAYearBefore,
  startDay,
  type TimePeriod,
} from "../../portal/series/time-period.ts";
import { holds } from "../support/properties.ts";

const MS_PER_DAY = 86_400_000;
const pad = (n: number, width: number) => String(n).padStart(width, "0");
const dayOf = (year: number, month: number, day = 1) => Date.UTC(year, month - 1, day) / MS_PER_DAY;
const dateOf = (day: number) => new Date(day * MS_PER_DAY);

/** The ISO week of a day: its Thursday's year, and how many sevens of days that year had before the Thursday. */
function isoWeekOf(day: number): string {
  const weekday = (dateOf(day).getUTCDay() + 6) % 7;
  const thursday = dateOf(day - weekday + 3);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() / MS_PER_DAY - dayOf(year, 1)) / 7) + 1;
  return `${pad(year, 4)}-W${pad(week, 2)}`;
}

/** The period of a frequency that holds a day, by way of Date. */
function textHolding(frequency: Frequency, day: number): string {
  const date = dateOf(day);
  const [year, month] = [pad(date.getUTCFullYear(), 4), date.getUTCMonth()];
  switch (frequency) {
    case "A":
      return year;
    case "S":
      return `${year}-S${Math.floor(month / 6) + 1}`;
    case "Q":
      return `${year}-Q${Math.floor(month / 3) + 1}`;
    case "M":
      return `${year}-${pad(month + 1, 2)}`;
    case "W":
      return isoWeekOf(day);
    case "D":
      return date.toISOString().slice(0, 10);
  }
}

const frequencies = fc.constantFrom(...FREQUENCIES);
/** From 1000 to 9998, so that Date, weeks and years before and after need no special care. */
const days = fc.integer({ min: dayOf(1000, 1), max: dayOf(9998, 1) });
const texts = fc.tuple(frequencies, days).map(([frequency, day]) => textHolding(frequency, day));
const periods = texts.map((text) => parseTimePeriod(text) as TimePeriod);

describe("reading and printing", () => {
  test("every period that a day lies in is read, holds the day and prints as it was", () => {
    holds(
      fc.property(frequencies, days, (frequency, day) => {
        const text = textHolding(frequency, day);
        const period = parseTimePeriod(text) as TimePeriod;
        expect(period.frequency).toBe(frequency);
        expect(startDay(period)).toBeLessThanOrEqual(day);
        expect(endDay(period)).toBeGreaterThanOrEqual(day);
        expect(formatTimePeriod(period)).toBe(text);
      }),
      2000,
    );
  });

  test("consecutive indexes are consecutive periods, without a gap and without an overlap", () => {
    holds(
      fc.property(periods, (period) => {
        const next = periodsBefore(period, -1);
        expect(startDay(next)).toBe(endDay(period) + 1);
        expect(textHolding(period.frequency, startDay(next))).toBe(formatTimePeriod(next));
      }),
    );
  });

  test.for([
    ["2020", "A"],
    ["2020-S2", "S"],
    ["2020-Q4", "Q"],
    ["2020-12", "M"],
    ["2020-W53", "W"],
    ["2024-02-29", "D"],
    ["0001-01-01", "D"],
    ["9999-12-31", "D"],
  ] as const)("%s is of frequency %s", ([text, frequency]) => {
    expect(parseTimePeriod(text)?.frequency).toBe(frequency);
  });

  test.for([
    ["2020-A1", "2020"],
    ["2020-M09", "2020-09"],
  ] as const)("SDMX's synonym %s prints as %s", ([text, printed]) => {
    expect(formatTimePeriod(parseTimePeriod(text) as TimePeriod)).toBe(printed);
  });

  test.for([
    ...["", "20", "020", "20200", "0000", "2020-", "2020-S0", "2020-S3", "2020-Q0", "2020-Q5", "2020-00", "2020-13"],
    ...[
      "2020-1",
      "2020-W00",
      "2020-W54",
      "2021-W53",
      "2020-W1",
      "2023-02-29",
      "2020-04-31",
      "2020-01-00",
      "1900-02-29",
    ],
    ...["2020-M09-01", "2020-A2", "2020Q3", "2020-q3", " 2020", "2020 ", "2020\n", "２０２０", "2020-09-14T00:00:00"],
  ])("%j is no time period", (text) => {
    expect(parseTimePeriod(text)).toBeNull();
  });

  test("a bad argument is an error that names the argument", () => {
    const read = () => requireTimePeriod("2020-Q5", "from");
    expect(read).toThrow(PortalError);
    expect(read).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT", argument: "from" }));
  });
});

describe("order", () => {
  test("is that of the starts, across frequencies; at the same start the longer period comes first", () => {
    holds(
      fc.property(periods, periods, (a, b) => {
        const length = (period: TimePeriod) => endDay(period) - startDay(period);
        const expected = startDay(a) - startDay(b) || length(b) - length(a);
        expect(Math.sign(compareTimePeriods(a, b))).toBe(Math.sign(expected));
      }),
      1000,
    );
  });

  test("puts a year before its first half, quarter, month and day", () => {
    const mixed = ["2020-01-01", "2020-01", "2019-12-31", "2020-Q1", "2020-S1", "2020", "2020-02"];
    const sorted = mixed.map((text) => parseTimePeriod(text) as TimePeriod).sort(compareTimePeriods);
    expect(sorted.map(formatTimePeriod)).toEqual([
      "2019-12-31",
      "2020",
      "2020-S1",
      "2020-Q1",
      "2020-01",
      "2020-01-01",
      "2020-02",
    ]);
  });
});

describe("ranges", () => {
  test("enumerate every period from one to another, both included", () => {
    holds(
      fc.property(periods, fc.integer({ min: -3, max: 40 }), (from, steps) => {
        const to = periodsBefore(from, -steps);
        const range = enumerateTimePeriods(from, to);
        expect(range).toHaveLength(Math.max(steps + 1, 0));
        range.forEach((period, i) => {
          expect(period).toEqual(periodsBefore(from, -i));
        });
      }),
    );
  });

  test("cannot be enumerated across frequencies", () => {
    const [year, month] = [parseTimePeriod("2020"), parseTimePeriod("2020-09")] as [TimePeriod, TimePeriod];
    expect(() => enumerateTimePeriods(year, month)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
  });

  test("of another frequency hold the periods that start in them", () => {
    const span = fc.tuple(frequencies, fc.integer({ min: dayOf(2018, 1), max: dayOf(2022, 1) }));
    const bounds = span.map(([frequency, day]) => parseTimePeriod(textHolding(frequency, day)) as TimePeriod);
    const candidates = fc.tuple(frequencies, fc.integer({ min: dayOf(2017, 1), max: dayOf(2023, 1) }));
    holds(
      fc.property(bounds, bounds, candidates, (from, to, [frequency, day]) => {
        const candidate = parseTimePeriod(textHolding(frequency, day)) as TimePeriod;
        const { first, last } = indexRange(frequency, from, to);
        const inside = startDay(candidate) >= startDay(from) && startDay(candidate) <= endDay(to);
        expect(candidate.index >= first && candidate.index <= last).toBe(inside);
      }),
      2000,
    );
  });

  test("without a bound are open on that side", () => {
    const year = parseTimePeriod("2020") as TimePeriod;
    expect(indexRange("A")).toEqual({ first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY });
    expect(indexRange("A", year).last).toBe(Number.POSITIVE_INFINITY);
    expect(indexRange("A", undefined, year)).toEqual({ first: Number.NEGATIVE_INFINITY, last: 2020 });
  });
});

describe("a year before", () => {
  test("is the period of the same name in the year before, where that year has it", () => {
    holds(
      fc.property(texts, (text) => {
        const before = samePeriodAYearBefore(parseTimePeriod(text) as TimePeriod);
        const name = `${pad(Number(text.slice(0, 4)) - 1, 4)}${text.slice(4)}`;
        expect(before && formatTimePeriod(before)).toBe(parseTimePeriod(name) && name);
      }),
      1000,
    );
  });

  test.for([
    ["2021", "2020"],
    ["2020-S1", "2019-S1"],
    ["2020-Q4", "2019-Q4"],
    ["2020-01", "2019-01"],
    ["2021-W52", "2020-W52"],
    ["2020-W53", null],
    ["2024-02-29", null],
    ["2025-02-28", "2024-02-28"],
  ] as const)("of %s is %s", ([text, expected]) => {
    const before = samePeriodAYearBefore(parseTimePeriod(text) as TimePeriod);
    expect(before && formatTimePeriod(before)).toBe(expected);
  });
});

describe("n periods before", () => {
  test.for([
    ["2020-S1", 1, "2019-S2"],
    ["2020-Q1", 5, "2018-Q4"],
    ["2020-01", 1, "2019-12"],
    ["2021-W01", 1, "2020-W53"],
    ["2024-03-01", 1, "2024-02-29"],
    ["2023-03-01", 1, "2023-02-28"],
    ["2020", -3, "2023"],
  ] as const)("%s less %i is %s", ([text, n, expected]) => {
    expect(formatTimePeriod(periodsBefore(parseTimePeriod(text) as TimePeriod, n))).toBe(expected);
  });
});
