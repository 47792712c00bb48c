import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  civilFromDay,
  dayFromCivil,
  daysInMonth,
  isFullDate,
  isLeapYear,
  isPartialDate,
} from "../../portal/series/civil-date.ts";
import { holds } from "../support/properties.ts";

const MS_PER_DAY = 86_400_000;
const FIRST = -719_162; // 0001-01-01
const LAST = 2_932_896; // 9999-12-31
const days = fc.integer({ min: FIRST, max: LAST });

describe("a day number", () => {
  test("is that of Date, in both directions", () => {
    holds(
      fc.property(days, (day) => {
        const date = new Date(day * MS_PER_DAY);
        const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(civilFromDay(day)).toEqual(civil);
        expect(dayFromCivil(civil.year, civil.month, civil.day)).toBe(day);
      }),
      1000,
    );
  });

  test.for([
    [1970, 1, 1, 0],
    [1969, 12, 31, -1],
    [2000, 2, 29, 11_016],
    [1, 1, 1, FIRST],
    [9999, 12, 31, LAST],
  ] as const)("of %i-%i-%i is %i", ([year, month, day, expected]) => {
    expect(dayFromCivil(year, month, day)).toBe(expected);
  });
});

describe("months and years", () => {
  test("a month has as many days as Date gives it", () => {
    holds(
      fc.property(fc.integer({ min: 100, max: 9999 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
        expect(daysInMonth(year, month)).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
      }),
    );
  });

  test("centuries are leap years only every four hundred years", () => {
    expect([1900, 2000, 2023, 2024, 2100, 2400].filter(isLeapYear)).toEqual([2000, 2024, 2400]);
  });
});

describe("a date of partial precision", () => {
  test("is good when Date would not have to correct it", () => {
    const month = fc.integer({ min: 0, max: 14 });
    const day = fc.integer({ min: 0, max: 32 });
    holds(
      fc.property(fc.integer({ min: 100, max: 9999 }), month, day, (y, m, d) => {
        const text = `${String(y).padStart(4, "0")}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`;
        const date = new Date(Date.UTC(y, m - 1, d));
        const corrected = date.getUTCFullYear() !== y || date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d;
        expect(isPartialDate(text)).toBe(!corrected);
        expect(isFullDate(text)).toBe(!corrected);
      }),
      1000,
    );
  });

  test.for(["2018", "2018-03", "2018-03-06", "2024-02-29", "0001"])("%s is one", (text) => {
    expect(isPartialDate(text)).toBe(true);
  });

  test.for([
    "",
    "0000",
    "18",
    "2018-3",
    "2018-13",
    "2018-00",
    "2018-02-30",
    "2023-02-29",
    "2018/03/06",
    "2018-03-06T00",
  ])("%j is none", (text) => {
    expect(isPartialDate(text)).toBe(false);
  });

  test("is full only with year, month and day", () => {
    expect(["2018", "2018-03", "2018-03-06"].filter(isFullDate)).toEqual(["2018-03-06"]);
  });
});
