import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callScope } from "../../portal/store/calls.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { csvOf, type MadeRow, madeUp } from "../support/releases.ts";

/** Twenty years, day by day. */
const FIRST = Date.UTC(2004, 0, 1);
const DAYS = Array.from({ length: 7305 }, (_, i) => new Date(FIRST + i * 86_400_000).toISOString().slice(0, 10));
const SECOND_HALF = 3650;

interface Told {
  readonly timePeriod: string;
  readonly value: string | null;
  readonly note: string | null;
  readonly release: { readonly number: number };
  readonly revisions: readonly { readonly value: string }[];
}

/** Digits and notes that nothing predicts, so that compression does not make twenty years fit into one item. */
function said(day: string, version: number): { value: string; note: string } {
  const hash = createHash("sha256").update(`${day} ${version}`).digest("hex");
  return { value: `${BigInt(`0x${hash.slice(0, 16)}`)}`, note: `${version} ${hash.slice(16)}` };
}

function rows(days: readonly string[], version: number): MadeRow[] {
  return days.map((day) => observation(day, said(day, version).value, { note: said(day, version).note }));
}

/** What stands of a day as of a release: the yearbook's latest word, and its earlier ones. */
function expected(day: string, release: number): Told {
  const versions = [
    2,
    ...(release >= 3 ? [3] : []),
    ...(release >= 4 && day >= (DAYS[SECOND_HALF] as string) ? [4] : []),
  ];
  const [newest = 2, ...older] = versions.toReversed();
  return {
    timePeriod: day,
    ...said(day, newest),
    release: { number: newest },
    revisions: older.map((version) => ({ value: said(day, version).value })),
  };
}

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const neighbour = rows(DAYS.slice(-3), 0).map((row) => ({ ...row, subject_id: "WORLD" }));
    await portal.publish(
      firstRelease,
      madeUp({ "observations.csv": csvOf(rows(DAYS, 2)) }, "2024-02-01", "Twenty years"),
      madeUp({ "observations.csv": csvOf([...rows(DAYS, 3), ...neighbour]) }, "2024-03-01", "All of them revised"),
      madeUp({ "observations.csv": csvOf(rows(DAYS.slice(SECOND_HALF), 4)) }, "2024-04-01", "Half of them again"),
    );
  }, 120_000);
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  test("twenty years of daily values with revisions lie in several items, none near the limit", async () => {
    const items = await storedItems();
    expect(items.length).toBeGreaterThan(1);
    for (const { body } of items) expect(body?.B?.length).toBeLessThan(350_000);
  });

  test.each([2, 3, 4])("and are one series to their readers, as of release %i", async (asOf) => {
    expect(await ask("", asOf)).toEqual(DAYS.map((day) => expected(day, asOf)));
  });

  test.each([
    ["(last: 3)", DAYS.slice(-3)],
    ['(from: "2013-12-30", to: "2014-01-02")', ["2013-12-30", "2013-12-31", "2014-01-01", "2014-01-02"]],
    ['(to: "2004-W01")', DAYS.slice(0, 4)],
    ['(from: "2012-02", to: "2012-02", last: 1)', ["2012-02-29"]],
  ])("ranges go across the items: %s", async (args, days) => {
    expect(await ask(args)).toEqual(days.map((day) => expected(day, 4)));
  });

  test("panels and profiles hold the series once", async () => {
    const query = `query ($asOf: ReleaseRef) {
      panel(metric: "data-volume", of: { childrenOf: "WORLD" }, frequency: D, last: 3, asOf: $asOf) {
        timePeriods rows { subject { id } values }
      }
      region(code: "ZZ") { profile(asOf: $asOf) { nodes { id latest { timePeriod value } } } }
    }`;
    for (const asOf of [2, 4]) {
      const { data, errors } = await portal.ask(query, { asOf });
      expect(errors).toEqual([]);
      const days = DAYS.slice(-3);
      const values = days.map((day) => expected(day, asOf).value);
      expect(data).toEqual({
        panel: { timePeriods: days, rows: [{ subject: { id: "region:ZZ" }, values }] },
        region: {
          profile: {
            nodes: [
              { id: "series:data-volume/region:ZZ/A", latest: { timePeriod: "2023", value: "15" } },
              { id: "series:data-volume/region:ZZ/D", latest: { timePeriod: days[2], value: values[2] } },
            ],
          },
        },
      });
    }
  });

  test("growth reaches over the edge of an item", async () => {
    const { data } = await portal.ask<{ series: { change: { undefined: string | null }[] } }>(
      `{ series(metric: "data-volume", subject: "ZZ", frequency: D) { change { undefined } } }`,
    );
    expect(data.series.change.map((change) => change.undefined)).toEqual(
      DAYS.map((_, i) => (i === 0 ? "NO_BASE_PERIOD" : null)),
    );
  });

  test("the feed tells every day of every release once", async () => {
    const told = new Map<number, string[]>();
    let after: string | null = null;
    for (let more = true; more; ) {
      const page: Feed = await feed(after);
      for (const { nodeId, release, observations } of page.nodes) {
        if (nodeId !== "series:data-volume/region:ZZ/D") continue;
        const days = told.get(release.number) ?? [];
        told.set(release.number, [...days, ...observations.map(({ timePeriod }) => timePeriod)]);
      }
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    expect([...told]).toEqual([
      [2, DAYS],
      [3, DAYS],
      [4, DAYS.slice(SECOND_HALF)],
    ]);
  });

  test("days before, in the midst and behind can still come, and go", async () => {
    const [before, behind] = ["2003-12-31", "2024-01-01"];
    const midst = DAYS[SECOND_HALF + 1] as string;
    await portal.publish(
      madeUp({ "observations.csv": rows([before, midst, behind], 5) }, "2024-05-01", "Stragglers"),
      madeUp(
        { "observations.csv": [{ ...observation(DAYS[7] as string, ""), action: "D" }] },
        "2024-06-01",
        "One gone",
      ),
    );
    const all = await ask("");
    expect(all.map(({ timePeriod }) => timePeriod)).toEqual([before, ...DAYS.filter((_, i) => i !== 7), behind]);
    expect(all.find(({ timePeriod }) => timePeriod === midst)).toMatchObject({
      value: said(midst, 5).value,
      revisions: [4, 3, 2].map((version) => ({ value: said(midst, version).value })),
    });
    expect(await ask("", 4)).toEqual(DAYS.map((day) => expected(day, 4)));
    // The same again changes nothing, wherever in the items it would lie.
    const again = madeUp({ "observations.csv": rows([before, midst, behind], 5) }, "2024-06-02", "The same again");
    expect(await portal.publish(again)).toMatchObject([{ published: false }]);
  });

  async function ask(args: string, asOf?: number): Promise<Told[]> {
    const query = `query ($asOf: ReleaseRef) {
      series(metric: "data-volume", subject: "ZZ", frequency: D, asOf: $asOf) {
        observations${args} { timePeriod value note release { number } revisions { value } }
      }
    }`;
    const { data, errors } = await portal.ask<{ series: { observations: Told[] } }>(query, { asOf });
    expect(errors).toEqual([]);
    return data.series.observations;
  }

  async function feed(after: string | null): Promise<Feed> {
    const query = `query ($after: String) {
      changes(first: 100, after: $after) {
        nodes { nodeId release { number } observations { timePeriod } } pageInfo { endCursor hasNextPage }
      }
    }`;
    return (await portal.ask<{ changes: Feed }>(query, { after })).data.changes;
  }

  function storedItems() {
    const { store } = portal;
    const partition = { attribute: "metricGroup", value: "data-volume|WORLD" };
    const sort = { attribute: "subjectFrequency", prefix: "region:ZZ|D" };
    return store.queryAll({ table: store.tables.series, partition, sort }, callScope());
  }
});

interface Feed {
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly release: { readonly number: number };
    readonly observations: readonly { readonly timePeriod: string }[];
  }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}
