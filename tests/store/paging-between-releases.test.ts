import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { factsOf, idsOf, type ListQuery } from "../support/facts.ts";
import { firstRelease, platform, world } from "../support/made-up-world.ts";
import { pageOf } from "../support/paging.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { holdsEventually } from "../support/properties.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

// Few of each, so that most platforms tie with others in name, in region, or in both.
const NAMES = ["Open Data", "open data", "云平台"];
const REGIONS = ["90", "9001", "91"];
const KINDS = ["OPEN_DATA", "CLOUD"];
const OPERATORS = ["north-bureau", "south-bureau"];

const pick = (from: readonly string[], i: number) => from[i % from.length] as string;

/** Platforms that stand still, and ids of others that come, change, move and go between those in every order. */
const still = Array.from({ length: 14 }, (_, i) =>
  platform(`p-${(i * 37) % 101}`, pick(NAMES, i), pick(KINDS, i), pick(REGIONS, i >> 1), pick(OPERATORS, i >> 2)),
);
const restless = Array.from({ length: 10 }, (_, i) => `p-${(i * 37 + 9) % 101}x`);

const moving = new Set(restless.map((id) => `platform:${id}`));

/** What stands still, the platforms of the made-up world among it. */
const facts = factsOf(world, { "platforms.csv": still });

const change = fc.record({
  id: fc.constantFrom(...restless),
  place: fc.nat(35),
  gone: fc.boolean(),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const journeys = fc.record({
  filter: fc.constantFrom(
    {},
    { within: "90" },
    { kind: "CLOUD" },
    { operator: "north-bureau" },
    { within: "90", kind: "OPEN_DATA" },
  ),
  orderBy: fc.record({ field: fc.constantFrom("NAME", "REGION"), direction: fc.constantFrom("ASC", "DESC") }),
  size: fc.integer({ min: 2, max: 4 }),
  backward: fc.boolean(),
  /** What is published after each page. */
  releases: fc.array(fc.uniqueArray(change, { minLength: 2, maxLength: 6, selector: ({ id }) => id }), {
    minLength: 2,
    maxLength: 3,
  }),
});

describe.each(engines)("paging on $name while releases are published in between", ({ name, start }) => {
  const runs = name === "dynalite" ? 6 : 3;
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease, madeUp({ "platforms.csv": still }, "2024-02-01"));
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  /** Which of the restless are there: deleting one that is not is refused. */
  const there = new Set<string>();
  let published = 0;

  async function publish(changes: readonly Change[]): Promise<void> {
    const rows: MadeRow[] = changes.map(({ id, place, gone }) => {
      const row = platform(
        id,
        pick(NAMES, place),
        pick(KINDS, place >> 1),
        pick(REGIONS, Math.floor(place / 3)),
        pick(OPERATORS, place >> 2),
      );
      if (!gone || !there.has(id)) {
        there.add(id);
        return row;
      }
      there.delete(id);
      return { ...row, action: "D" };
    });
    published += 1;
    await portal.publish(madeUp({ "platforms.csv": rows }, "2024-03-01", `Changes ${published}`));
  }

  test("neither skips nor repeats what stood still, with ties in the sort key", async () => {
    let crossed = 0;
    await holdsEventually(
      fc.asyncProperty(journeys, async ({ filter, orderBy, size, backward, releases }) => {
        const query = { list: "platforms", filter, orderBy } as ListQuery;
        const seen: string[] = [];
        let cursor: string | null = null;
        for (let pages = 0, more = true; more; pages += 1) {
          const page = await pageOf(
            portal.ask,
            query,
            backward ? { last: size, before: cursor } : { first: size, after: cursor },
          );
          const ids = page.nodes.map(({ id }) => id);
          if (backward) seen.unshift(...ids);
          else seen.push(...ids);
          cursor = backward ? page.pageInfo.startCursor : page.pageInfo.endCursor;
          more = backward ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage;
          const next = releases[pages];
          if (!more || !next) continue;
          crossed += 1;
          await publish(next);
        }
        expect(seen.filter((id) => !moving.has(id))).toEqual(idsOf(facts, query));
      }),
      runs,
    );
    // The property says something only where releases came between pages.
    expect(crossed).toBeGreaterThanOrEqual(2 * runs);
  }, 60_000);
});
