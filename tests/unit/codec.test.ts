import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortalError } from "../../portal/errors.ts";
import type { Claim } from "../../portal/series/claims.ts";
import { COMPRESSION_THRESHOLD, decodeClaims, encodeClaims } from "../../portal/series/codec.ts";
import { storedClaims } from "../support/claims.ts";
import { holds } from "../support/properties.ts";

const DAMAGED = expect.objectContaining({ code: "INTERNAL" });

function yearly(length: number, note = ""): Claim[] {
  return Array.from({ length }, (_, i) => ({
    period: 1900 + i,
    value: `${i}.5`,
    status: "A",
    source: "yearbook",
    publishedOn: "2020",
    release: 1,
    note: note && `${note} ${i}`,
  }));
}

describe("a packed series", () => {
  test("gives back any claims, compressed or not", () => {
    holds(
      fc.property(storedClaims, fc.constantFrom(0, COMPRESSION_THRESHOLD, Number.POSITIVE_INFINITY), (claims, from) => {
        expect(decodeClaims(encodeClaims(claims, from))).toEqual(claims);
      }),
      300,
    );
  });

  test("is read from the middle of a larger buffer, as the SDK hands it over", () => {
    const body = encodeClaims(yearly(3));
    const within = Buffer.concat([Buffer.from("before"), body, Buffer.from("after")]);
    expect(decodeClaims(within.subarray(6, 6 + body.length))).toEqual(yearly(3));
  });

  test("of twenty years from one source takes less than a kilobyte", () => {
    expect(encodeClaims(yearly(20)).length).toBeLessThan(300);
  });

  test("is compressed from the threshold on", () => {
    expect(encodeClaims(yearly(20))[1]).toBe(0);
    expect(encodeClaims(yearly(100, "as printed in the yearbook"))[1]).toBe(1);
  });

  test("keeps apart no value, zero and a withdrawal", () => {
    const base = { source: "s", publishedOn: "", release: 1, note: "" };
    const claims: Claim[] = [
      { ...base, period: 1, value: null, status: "Q" },
      { ...base, period: 2, value: "0", status: "A" },
      { ...base, period: 3, value: null, status: null },
    ];
    expect(decodeClaims(encodeClaims(claims))).toEqual(claims);
  });
});

describe("a damaged body", () => {
  test("that is cut anywhere is an error, never a shorter series", () => {
    holds(
      fc.property(
        storedClaims,
        fc.boolean(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (...drawn) => {
          const [claims, compressed, share] = drawn;
          const body = encodeClaims(claims, compressed ? 0 : Number.POSITIVE_INFINITY);
          expect(() => decodeClaims(body.subarray(0, Math.floor(share * body.length)))).toThrow(DAMAGED);
        },
      ),
      300,
    );
  });

  test("with something behind its end is an error", () => {
    const body = encodeClaims(yearly(2), Number.POSITIVE_INFINITY);
    expect(() => decodeClaims(Buffer.concat([body, Buffer.from([0])]))).toThrow(DAMAGED);
  });

  test("with a changed byte never throws anything but the portal's own error", () => {
    const bodies = fc.tuple(storedClaims, fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }));
    holds(
      fc.property(bodies, ([claims, compressed, at, change]) => {
        const body = Buffer.from(encodeClaims(claims, compressed ? 0 : Number.POSITIVE_INFINITY));
        const place = at % body.length;
        body[place] = (body[place] as number) ^ change;
        try {
          decodeClaims(body);
        } catch (error) {
          expect(error).toBeInstanceOf(PortalError);
          expect(error).toEqual(DAMAGED);
        }
      }),
      500,
    );
  });

  test.for([
    ["of a version to come", [2, 0, 0]],
    ["of no version", [0, 0, 0]],
    ["that is empty", []],
  ] as const)("%s is an error", ([, bytes]) => {
    expect(() => decodeClaims(Uint8Array.from(bytes))).toThrow(DAMAGED);
  });
});
