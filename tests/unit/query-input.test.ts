import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunks, compareKeys, type QuerySpec, queryInput, type SortRange } from "../../portal/store/requests.ts";
import { holds } from "../support/properties.ts";

const spec: QuerySpec = { table: "catalogue", partition: { attribute: "type", value: "platform" } };

/** Keys as the portal has them: paths, ids and lower-case names in any script. */
const keys = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9/#| -]{1,8}$/),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((text) => text > " "),
  fc.constantFrom("𐐷", "￿", "贵阳", "🏞️"),
);

/** The bounds of a range of sort keys, as they are sent. */
function boundsOf(sort: SortRange): { from: string; to: string } {
  const values = queryInput({ ...spec, sort: { attribute: "place", ...sort } }).ExpressionAttributeValues ?? {};
  return { from: values[":from"]?.S ?? "", to: values[":to"]?.S ?? "" };
}

/** What DynamoDB makes of BETWEEN: both bounds included, by UTF-8 bytes. */
function lies(key: string, { from, to }: { from: string; to: string }): boolean {
  return compareKeys(from, key) <= 0 && compareKeys(key, to) <= 0;
}

describe("the bounds of a Query", () => {
  test("of a prefix hold every key that begins with it, and no other", () => {
    holds(
      fc.property(keys, keys, fc.boolean(), (prefix, rest, joined) => {
        const key = joined ? prefix + rest : rest;
        expect(lies(key, boundsOf({ prefix }))).toBe(key.startsWith(prefix));
      }),
      1000,
    );
  });

  test("of a range hold what lies between, the ends included", () => {
    holds(
      fc.property(keys, keys, keys, (from, to, key) => {
        fc.pre(compareKeys(from, to) <= 0);
        const inside = compareKeys(key, from) >= 0 && compareKeys(key, to) <= 0;
        expect(lies(key, boundsOf({ from, to }))).toBe(inside);
      }),
    );
  });

  test("of a range that is open on one side hold the rest", () => {
    holds(
      fc.property(keys, keys, (bound, key) => {
        expect(lies(key, boundsOf({ from: bound }))).toBe(compareKeys(key, bound) >= 0);
        expect(lies(key, boundsOf({ to: bound }))).toBe(compareKeys(key, bound) <= 0);
      }),
    );
  });

  test("of a prefix and a cursor within it hold the keys of the prefix on one side of the cursor", () => {
    holds(
      fc.property(keys, keys, keys, (prefix, cursor, rest) => {
        const [from, key] = [prefix + cursor, prefix + rest];
        expect(lies(key, boundsOf({ prefix, from }))).toBe(compareKeys(key, from) >= 0);
        expect(lies(key, boundsOf({ prefix, to: from }))).toBe(compareKeys(key, from) <= 0);
        expect(lies(`${prefix.slice(0, -1)}\u{10FFFF}`, boundsOf({ prefix, from }))).toBe(
          prefix.endsWith("\u{10FFFF}"),
        );
      }),
    );
  });
});

describe("a Query", () => {
  test("asks for a whole partition where no range is given", () => {
    expect(queryInput(spec)).toEqual({
      TableName: "catalogue",
      KeyConditionExpression: "#p = :p",
      ExpressionAttributeNames: { "#p": "type" },
      ExpressionAttributeValues: { ":p": { S: "platform" } },
      ScanIndexForward: true,
      ReturnConsumedCapacity: "TOTAL",
    });
  });

  test("names its index, its direction, its limit and where it goes on", () => {
    const startAfter = { id: { S: "platform:a" } };
    expect(queryInput({ ...spec, index: "byRegion", descending: true, limit: 3, startAfter })).toMatchObject({
      IndexName: "byRegion",
      ScanIndexForward: false,
      Limit: 3,
      ExclusiveStartKey: startAfter,
    });
  });

  test("never filters after reading", () => {
    const input = queryInput({ ...spec, sort: { attribute: "place", prefix: "WORLD/" }, consistent: true });
    expect(input).not.toHaveProperty("FilterExpression");
    expect(input.ConsistentRead).toBe(true);
  });
});

describe("the order of keys", () => {
  test("is that of their UTF-8 bytes, also where JavaScript orders otherwise", () => {
    expect(["𐐷", "￿", "a", "贵"].sort(compareKeys)).toEqual(["a", "贵", "￿", "𐐷"]);
  });
});

test("chunks keep the order and lose nothing", () => {
  holds(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (values, size) => {
      const groups = chunks(values, size);
      expect(groups.flat()).toEqual(values);
      expect(groups.every((group) => group.length > 0 && group.length <= size)).toBe(true);
    }),
  );
});
