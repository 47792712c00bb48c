import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_NOTICES, mergeHistories, noticesAt, withNotices } from "../../portal/series/notice-history.ts";
import type { Notice } from "../../portal/series/notices.ts";
import type { Vintage } from "../../portal/series/resolution.ts";
import { holds } from "../support/properties.ts";

/** A notice about a period; its values differ from version to version. */
function notice(period: number, version: number): Notice {
  return { code: "JUMP", period, message: "the step is larger", values: [`${version}`, "1"] };
}

const NONE: ReadonlySet<number> = new Set();

const releases = fc.array(
  fc.record({
    found: fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(2)), { selector: ([period]) => period, maxLength: 8 }),
    committed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

test("each vintage has the notices that its release found, and never those of one that was not committed", () => {
  holds(
    fc.property(releases, (history) => {
      let stored: Uint8Array | undefined;
      const voids = new Set<number>();
      const expected = new Map<number, { notices: readonly Notice[]; since: readonly number[] }>();
      let before: { notices: readonly Notice[]; since: readonly number[] } = { notices: [], since: [] };
      for (const [i, { found, committed }] of history.entries()) {
        const release = i + 1;
        const notices = found.map(([period, version]) => notice(period, version)).sort((a, b) => a.period - b.period);
        stored = withNotices(stored, { release: i, voids }, release, notices) ?? stored;
        if (!committed) {
          voids.add(release);
          continue;
        }
        const since = notices.map((each) => {
          const known = before.notices.findIndex((old) => JSON.stringify(old) === JSON.stringify(each));
          return before.since[known] ?? release;
        });
        before = { notices, since };
        expected.set(release, before);
      }
      const vintages: Vintage[] = [...expected.keys()].map((release) => ({ release, voids }));
      for (const copy of [
        stored,
        stored && mergeHistories([stored, withNotices(stored, { release: 99, voids }, 100, []) ?? stored]),
      ]) {
        for (const vintage of vintages) {
          const { notices, since } = expected.get(vintage.release) as { notices: Notice[]; since: number[] };
          const dated = notices.map((each, i) => ({ ...each, release: since[i] }));
          expect(noticesAt(copy, vintage)).toEqual({ notices: dated, total: notices.length });
        }
      }
    }),
  );
});

describe("of many notices", () => {
  const standing = Array.from({ length: 7305 }, (_, period) => notice(period, 0));

  test("the latest are kept, and all are counted in every vintage", () => {
    const many = withNotices(undefined, { release: 0, voids: NONE }, 1, standing);
    const fewer = withNotices(many, { release: 1, voids: NONE }, 2, standing.slice(0, 50));
    const kept = standing.slice(-MAX_NOTICES).map((each) => ({ ...each, release: 1 }));
    expect(noticesAt(fewer, { release: 1, voids: NONE })).toEqual({ notices: kept, total: 7305 });
    expect(noticesAt(fewer, { release: 2, voids: NONE })).toMatchObject({ total: 50 });
  });

  test("what ended first is forgotten before an item could be too large, and what stands never is", () => {
    let stored: Uint8Array | undefined;
    const digits = "123456789".repeat(11);
    for (let release = 1; release <= 200; release += 1) {
      const found = standing.slice(0, 60).map(({ period }) => ({
        ...notice(period, release),
        values: [`${release}.${digits}${period}`, `${Math.sin(release * period)}`.slice(2)],
      }));
      stored = withNotices(stored, { release: release - 1, voids: NONE }, release, found);
      expect(stored?.length).toBeLessThanOrEqual(64_000);
      expect(noticesAt(stored, { release, voids: NONE }).notices).toHaveLength(60);
    }
    expect(noticesAt(stored, { release: 190, voids: NONE }).notices).toHaveLength(60);
    expect(noticesAt(stored, { release: 1, voids: NONE }).notices).toEqual([]);
  });
});
