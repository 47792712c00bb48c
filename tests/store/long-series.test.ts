import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

interface Daily {
  readonly timePeriod: string;
  readonly value: string;
}

/** Little of each observation, because there are many. */
const SERIES = `query ($from: TimePeriod, $to: TimePeriod, $last: Int, $asOf: ReleaseRef) {
  series(metric: "data-volume", subject: "ZZ", frequency: D) {
    observations(from: $from, to: $to, last: $last, asOf: $asOf) { timePeriod value }
  }
}`;

/** The days from a date on. */
function daysFrom(first: string, count: number): string[] {
  const start = Date.parse(first);
  return Array.from({ length: count }, (_, i) => new Date(start + i * 86_400_000).toISOString().slice(0, 10));
}

/** Text that no compression makes much smaller. */
function noteOf(day: string): string {
  return ["a", "b"]
    .map((salt) =>
      createHash("sha512")
        .update(salt + day)
        .digest("base64"),
    )
    .join("");
}

describe.each(engines)("a long series on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
  });
  beforeEach(async () => {
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
    return () => portal.close();
  });
  afterAll(() => engine.stop());

  let releases = 0;
  const publish = (rows: readonly MadeRow[]) => {
    releases += 1;
    return portal.publish(madeUp({ "observations.csv": rows }, "2024-02-01", `Release ${releases}`));
  };

  async function observations(variables: Record<string, unknown> = {}): Promise<Daily[]> {
    const { data, errors } = await portal.ask<{ series: { observations: Daily[] } }>(SERIES, variables);
    expect(errors).toEqual([]);
    return data.series.observations;
  }

  async function storedItems(): Promise<number> {
    const { store, scope } = await portal.snapshot();
    const items = await store.queryAll(
      {
        table: store.tables.series,
        index: "bySubject",
        partition: { attribute: "subject", value: "region:ZZ" },
        sort: { attribute: "metricFrequency", prefix: "data-volume|D" },
      },
      scope,
    );
    return items.length;
  }

  test("of twenty years of days with revisions and rivals is answered whole", async () => {
    const days = daysFrom("2004-01-01", 7305);
    const firsts = days.filter((day) => day.endsWith("-01"));
    const rival = { source_id: "bulletin-2024", obs_status: "E" };
    await publish(days.map((day, i) => observation(day, `${i}.25`)));
    await publish(firsts.map((day) => observation(day, "0.5")));
    await publish(days.slice(0, 366).map((day) => observation(day, "7", rival)));

    const all = await observations();
    expect(all.map(({ timePeriod }) => timePeriod)).toEqual(days);
    expect(all.map(({ value }) => value)).toEqual(days.map((day, i) => (day.endsWith("-01") ? "0.5" : `${i}.25`)));
    expect((await observations({ asOf: 2 })).map(({ value }) => value)).toEqual(days.map((_, i) => `${i}.25`));
    expect(await observations({ from: "2004-02", to: "2004-02", last: 1 })).toEqual([
      { timePeriod: "2004-02-29", value: "59.25" },
    ]);
    const query = `{ series(metric: "data-volume", subject: "ZZ", frequency: D) {
      latest { timePeriod value } observations(from: "2004-03-01", to: "2004-03-01") { value revisions { value } alternatives { value } }
    } }`;
    expect((await portal.ask(query)).data).toEqual({
      series: {
        latest: { timePeriod: "2023-12-31", value: "7304.25" },
        observations: [{ value: "0.5", revisions: [{ value: "60.25" }], alternatives: [{ value: "7" }] }],
      },
    });
  }, 30_000);

  test("that does not fit into an item is stored in parts and reads as one", async () => {
    const days = daysFrom("2010-01-01", 2600);
    await publish(days.map((day, i) => observation(day, String(i), { note: noteOf(day) })));
    expect(await storedItems()).toBeGreaterThan(1);
    expect(await observations()).toEqual(days.map((day, i) => ({ timePeriod: day, value: String(i) })));
    const [series] = await (await portal.snapshot()).series("region:ZZ", "data-volume").then((all) => all.slice(-1));
    expect(series?.claims.map(({ note }) => note)).toEqual(days.map(noteOf));
  }, 30_000);

  test("in parts takes revisions, withdrawals and new days anywhere, and keeps its history", async () => {
    const days = daysFrom("2010-01-01", 2600);
    const row = (day: string, value: string): MadeRow => observation(day, value, { note: noteOf(day) });
    await publish(days.map((day) => row(day, "1")));
    const before = await observations();
    const [first, middle, last] = [days[0], days[1300], days[2599]] as [string, string, string];
    const earlier = daysFrom("2009-06-01", 200);
    const summary = await publish([
      ...earlier.map((day) => row(day, "2")),
      row(first, "3"),
      { ...row(middle, ""), action: "D" },
      row(last, "4"),
      row("2023-05-05", "5"),
    ]);
    expect(summary[0]).toMatchObject({ claims: 204 });

    const now = new Map((await observations()).map(({ timePeriod, value }) => [timePeriod, value]));
    const changed = {
      ...Object.fromEntries(earlier.map((day) => [day, "2"])),
      [first]: "3",
      [last]: "4",
      "2023-05-05": "5",
    };
    const expected = Object.fromEntries(days.filter((day) => day !== middle).map((day) => [day, "1"]));
    expect(Object.fromEntries(now)).toEqual({ ...expected, ...changed });
    expect([...now.keys()]).toEqual([...now.keys()].sort());
    expect(await observations({ asOf: 2 })).toEqual(before);
  }, 30_000);

  test("in parts published again is a no-op", async () => {
    const days = daysFrom("2010-01-01", 2600);
    const rows = days.map((day) => observation(day, "1", { note: noteOf(day) }));
    await publish(rows);
    expect(await publish([...rows].reverse())).toMatchObject([{ published: false, claims: 0, changes: 0 }]);
  }, 30_000);

  test("stands in its subject's profile once, whatever its parts", async () => {
    const days = daysFrom("2010-01-01", 2600);
    await publish(days.map((day) => observation(day, "1", { note: noteOf(day) })));
    const query = `{ region(code: "ZZ") { profile(first: 5) { nodes { id latest { timePeriod } } } } }`;
    const { data } = await portal.ask(query);
    expect(data).toEqual({
      region: {
        profile: {
          nodes: [
            { id: "series:data-volume/region:ZZ/A", latest: { timePeriod: "2023" } },
            { id: "series:data-volume/region:ZZ/D", latest: { timePeriod: days.at(-1) } },
          ],
        },
      },
    });
  }, 30_000);
});
