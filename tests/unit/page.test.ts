import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutPage, requirePage } from "../../portal/paging/page.ts";
import { holds } from "../support/properties.ts";

const open = (cursor: string) => `position of ${cursor}`;
const refused = (argument: string) => expect.objectContaining({ code: "BAD_USER_INPUT", argument });

describe("paging arguments", () => {
  test("ask for the first twenty when there are none", () => {
    expect(requirePage({}, open)).toEqual({ limit: 20, backward: false });
    expect(requirePage({ first: null, last: null, after: null, before: null }, open)).toEqual({
      limit: 20,
      backward: false,
    });
  });

  test("may go either way from either cursor", () => {
    expect(requirePage({ first: 1, after: "a" }, open)).toEqual({ limit: 1, backward: false, after: "position of a" });
    expect(requirePage({ last: 100, before: "b", after: "a" }, open)).toEqual({
      limit: 100,
      backward: true,
      after: "position of a",
      before: "position of b",
    });
  });

  test.for([
    ["first", { first: 0 }],
    ["first", { first: 101 }],
    ["first", { first: -1 }],
    ["last", { last: 0 }],
    ["last", { last: 101 }],
    ["last", { first: 5, last: 5 }],
  ] as const)("name %s when they are %j", ([argument, given]) => {
    expect(() => requirePage(given, open)).toThrow(refused(argument));
  });
});

describe("cutting a page", () => {
  const entriesOf = (length: number) => Array.from({ length }, (_, i) => ({ position: `${i}`, node: i }));

  test("keeps list order both ways and tells whether more was read", () => {
    holds(
      fc.property(fc.nat(12), fc.integer({ min: 1, max: 10 }), fc.boolean(), (length, limit, backward) => {
        const list = entriesOf(length);
        const read = (backward ? list.toReversed() : list).slice(0, limit + 1);
        const page = cutPage(read, { limit, backward });
        expect(page.entries).toEqual(backward ? list.slice(-limit) : list.slice(0, limit));
        expect(backward ? page.hasPreviousPage : page.hasNextPage).toBe(length > limit);
      }),
    );
  });

  test("behind a cursor has a page ahead of it, which holds the cursor", () => {
    expect(cutPage(entriesOf(1), { limit: 5, backward: false, after: "x" }).hasPreviousPage).toBe(true);
    expect(cutPage(entriesOf(1), { limit: 5, backward: true, before: "x" }).hasNextPage).toBe(true);
  });
});
