import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALL_STATUSES, claimsOf, type ModelClaim, observationsOf } from "../support/claim-model.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { type FeedChange, NODE, Partner } from "../support/feed.ts";
import { histories, holdsForHistories, type Published, publishHistory } from "../support/histories.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

/** How a partner goes about it after a release: pages of what size, and how many of them before it rests. */
const polls = fc.array(fc.record({ first: fc.integer({ min: 1, max: 100 }), pages: fc.nat(4) }), {
  minLength: 8,
  maxLength: 8,
});

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  beforeAll(async () => {
    running = await engine.start();
  });
  afterAll(() => running.stop());

  test("who applies the feed ends with the portal's state, wherever they rest", { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(histories, polls, async (history, polls) => {
      const portal = await openPortal(running);
      const [steady, resting] = [new Partner(portal.ask), new Partner(portal.ask)];
      const published = await publishHistory(portal, history, async ({ number }) => {
        const { first, pages } = polls[number % polls.length] as (typeof polls)[number];
        for (let page = 0; page < pages; page += 1) await resting.pull(first);
      });
      await steady.pullAll(100);
      await resting.pullAll(polls[0]?.first ?? 20);

      expect(resting.changes).toEqual(steady.changes);
      expect(steady.changes.map(({ sequence }) => sequence)).toEqual(steady.changes.map((_, i) => i + 1));
      const claims = claimsOf(published);
      expect(sorted(steady.claims)).toEqual(sorted(claims));
      for (const change of steady.changes) expectToldRight(change, claims);
      await expectSameEntities(portal, steady);
      await expectSameSeries(portal, claims);
      expectCounted(steady.changes, published, await counts(portal));
      await portal.close();
    });
    await holdsForHistories(property);
  });

  describe("a partner who knows everything", () => {
    let portal: TestPortal;
    beforeAll(async () => {
      portal = await openPortal(running);
      await portal.publish(firstRelease);
    });
    afterAll(() => portal.close());

    test("gets nothing and keeps its cursor, and then what comes", async () => {
      const partner = new Partner(portal.ask);
      await partner.pullAll(7);
      const [known, cursor] = [partner.changes.length, partner.cursor];
      const idle = await partner.pull(100);
      expect(idle).toEqual({ edges: [], pageInfo: { hasNextPage: false, endCursor: cursor } });
      const more = { "observations.csv": [observation("2021", "11"), observation("2020", "9.0")] };
      await portal.publish(madeUp(more, "2024-02-01", "More"));
      await partner.pull(100);
      expect(partner.changes.slice(known)).toMatchObject([
        {
          sequence: known + 1,
          action: "REVISED",
          nodeId: "series:data-volume/region:ZZ/A",
          observations: [
            { timePeriod: "2020", action: "ADDED", old: null, new: { value: "9.0", status: "A" } },
            { timePeriod: "2021", action: "REVISED", old: { value: "10" }, new: { value: "11" } },
          ],
        },
      ]);
    });

    test("an empty portal has an empty feed, which can be resumed at its start", async () => {
      const empty = await openPortal(running);
      const partner = new Partner(empty.ask);
      expect(await partner.pull(1)).toEqual({ edges: [], pageInfo: { hasNextPage: false, endCursor: null } });
      await empty.publish(firstRelease);
      await partner.pullAll(100);
      expect(partner.changes[0]?.sequence).toBe(1);
      await empty.close();
    });

    test("a series of many periods is told in several changes, each observation once", async () => {
      const days = Array.from({ length: 250 }, (_, i) => new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10));
      const rows = days.map((day, i) => observation(day, `${i}`, { subject_id: "91" }));
      const partner = new Partner(portal.ask);
      await partner.pullAll(100);
      const known = partner.changes.length;
      await portal.publish(madeUp({ "observations.csv": rows }, "2024-03-01", "Days"));
      await partner.pullAll(1);
      const told = partner.changes.slice(known);
      expect(told.flatMap(({ observations }) => observations.map(({ timePeriod }) => timePeriod))).toEqual(days);
      expect(told.length).toBeGreaterThan(1);
      expect(new Set(told.map(({ action, nodeId }) => `${action} ${nodeId}`))).toEqual(
        new Set(["ADDED series:data-volume/region:91/D"]),
      );
    });

    test.each([
      ["first", { first: 0 }],
      ["first", { first: 101 }],
      ["after", { after: "test.nonsense" }],
    ])("is refused with BAD_USER_INPUT that names %s for %j", async (argument, variables) => {
      const query =
        "query ($after: String, $first: Int) { changes(after: $after, first: $first) { nodes { sequence } } }";
      const { errors } = await portal.ask(query, variables);
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
    });
  });
});

/** What a change says of old and new against the model at the release before and at its own. */
function expectToldRight(change: FeedChange, claims: readonly ModelClaim[]): void {
  if (change.kind !== "SERIES") return;
  const { number } = change.release;
  const series = change.nodeId.slice("series:".length);
  const [before, after] = [
    observationsOf(claims, series, number - 1, ALL_STATUSES),
    observationsOf(claims, series, number, ALL_STATUSES),
  ];
  const headline = (observations: typeof before, period: string) => {
    const found = observations.find(({ timePeriod }) => timePeriod === period);
    return found ? { value: found.value, status: found.status, sourceId: found.source.id } : null;
  };
  const existed = claims.some((claim) => claim.series === series && claim.release < number);
  const action = existed ? (after.length === 0 ? "WITHDRAWN" : "REVISED") : "ADDED";
  expect(change.action, `${change.nodeId} in release ${number}`).toBe(action);
  for (const { timePeriod, action, old, new: now } of change.observations) {
    expect({ old, now }).toEqual({ old: headline(before, timePeriod), now: headline(after, timePeriod) });
    expect(action).toBe(old === null ? "ADDED" : now === null ? "WITHDRAWN" : "REVISED");
  }
}

async function expectSameEntities(portal: TestPortal, partner: Partner): Promise<void> {
  const ever = [...new Set(partner.changes.filter(({ kind }) => kind !== "SERIES").map(({ nodeId }) => nodeId))];
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ...Kept } } ${NODE}`;
  const { data } = await portal.ask<{ nodes: (FeedChange["node"] | null)[] }>(query, { ids: ever });
  expect(data.nodes).toEqual(ever.map((id) => partner.entities.get(id) ?? null));
}

async function expectSameSeries(portal: TestPortal, claims: readonly ModelClaim[]): Promise<void> {
  const query = `query ($ids: [ID!]!) {
    nodes(ids: $ids) { ... on Series { id observations(status: [${ALL_STATUSES}]) {
      timePeriod value status note source { id } release { number }
      revisions { value status note source { id } release { number } }
      alternatives {
        value status note source { id } release { number }
        revisions { value status note source { id } release { number } }
      }
    } } }
  }`;
  const ids = [...new Set(claims.map(({ series }) => `series:${series}`))];
  // As many at a time as one request may cost.
  for (let from = 0; from < ids.length; from += 20) {
    const some = ids.slice(from, from + 20);
    const { data, errors } = await portal.ask(query, { ids: some });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      nodes: some.map((id) => ({
        id,
        observations: observationsOf(claims, id.slice("series:".length), Number.POSITIVE_INFINITY, ALL_STATUSES),
      })),
    });
  }
}

async function counts(portal: TestPortal): Promise<{ number: number; counts: { changes: number; claims: number } }[]> {
  const { data } = await portal.ask<{ releases: { nodes: [] } }>(
    "{ releases(first: 100, orderBy: { direction: ASC }) { nodes { number counts { claims changes } } } }",
  );
  return data.releases.nodes;
}

/** Releases say how many claims and changes they brought. */
function expectCounted(
  changes: readonly FeedChange[],
  published: readonly Published[],
  counted: Awaited<ReturnType<typeof counts>>,
): void {
  const claims = claimsOf(published);
  expect(counted).toEqual(
    published.map(({ number }) => ({
      number,
      counts: {
        claims: claims.filter(({ release }) => release === number).length,
        changes: changes.filter(({ release }) => release.number === number).length,
      },
    })),
  );
}

function sorted(claims: readonly ModelClaim[]): ModelClaim[] {
  const key = (claim: ModelClaim) => [claim.release, claim.series, claim.timePeriod, claim.source].join("|");
  return [...claims].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
