import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../portal/series/bytes.ts";
import { holds } from "../support/properties.ts";

function written(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter();
  write(out);
  return out.finish();
}

const whole = fc.oneof(fc.nat(300), fc.maxSafeNat());

describe("packed bytes", () => {
  test("give back numbers", () => {
    holds(
      fc.property(fc.array(whole), (numbers) => {
        const input = new ByteReader(written((out) => numbers.forEach((n) => void out.number(n))));
        expect(numbers.map(() => input.number())).toEqual(numbers);
        expect(input.done).toBe(true);
      }),
    );
  });

  test("give back numbers with a sign", () => {
    holds(
      fc.property(fc.array(fc.integer({ min: -(2 ** 51), max: 2 ** 51 })), (numbers) => {
        const input = new ByteReader(written((out) => numbers.forEach((n) => void out.signed(n))));
        expect(numbers.map(() => input.signed())).toEqual(numbers);
      }),
    );
  });

  test("give back texts of any script", () => {
    holds(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 400 })), (texts) => {
        const input = new ByteReader(written((out) => texts.forEach((text) => void out.text(text))));
        expect(texts.map(() => input.text())).toEqual(texts);
        expect(input.done).toBe(true);
      }),
    );
  });

  test("give back columns, with and without runs", () => {
    const column = fc.oneof(fc.array(whole), fc.array(fc.nat(2), { maxLength: 200 }));
    holds(
      fc.property(column, (values) => {
        const input = new ByteReader(written((out) => out.column(values)));
        expect(input.column(values.length)).toEqual(values);
        expect(input.done).toBe(true);
      }),
    );
  });

  test("hold a long run in a few bytes", () => {
    expect(written((out) => out.column(new Array(10_000).fill(7))).length).toBeLessThanOrEqual(4);
  });

  test("of small numbers are one byte each", () => {
    expect(written((out) => [0, 1, 127].forEach((n) => void out.number(n)))).toHaveLength(3);
    expect(written((out) => [0, -1, 63, -64].forEach((n) => void out.signed(n)))).toHaveLength(4);
  });

  test("that are cut short throw, and never give a short answer", () => {
    const numbers = written((out) => out.number(300));
    expect(() => new ByteReader(numbers.subarray(0, 1)).number()).toThrow(RangeError);
    const text = written((out) => out.text("Guiyang"));
    expect(() => new ByteReader(text.subarray(0, 4)).text()).toThrow(RangeError);
  });

  test("refuse a column of another length", () => {
    const column = written((out) => out.column([4, 4, 4, 4]));
    expect(() => new ByteReader(column).column(3)).toThrow(RangeError);
  });
});
