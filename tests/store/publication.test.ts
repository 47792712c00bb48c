import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation, platform, regions, world } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

describe.each(engines)("a publication on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
  });
  beforeEach(async () => {
    portal = await openPortal(engine);
    return () => portal.close();
  });
  afterAll(() => engine.stop());

  const counted = (n: number) => ({ added: n, revised: 0, deleted: 0 });
  const rowsOf = (files: typeof world) => Object.values(files).reduce((sum, rows) => sum + rows.length, 0);

  test("becomes release 1 and says what it brought", async () => {
    const [summary] = await portal.publish(firstRelease);
    const entities = rowsOf(world) - (world["observations.csv"]?.length ?? 0);
    expect(summary).toMatchObject({
      release: 1,
      published: true,
      rows: rowsOf(world),
      entities: counted(entities),
      claims: 6,
      unchanged: 0,
      changes: entities + 2,
    });
    expect((await portal.snapshot()).head).toMatchObject({ release: 1, knownOn: "2024-01-01", voids: [] });
  });

  test("brings entities with everything that their rows say", async () => {
    await portal.publish(firstRelease);
    const snapshot = await portal.snapshot();
    const exchange = await snapshot.entity("platform:northport-exchange");
    expect(exchange).toMatchObject({
      localId: "northport-exchange",
      release: 1,
      body: {
        nameEn: "Northport Exchange",
        kind: "DATA_EXCHANGE",
        region: "region:9001",
        operator: "agency:north-bureau",
        path: "WORLD/ZZ/90/9001/",
      },
    });
    expect(await snapshot.entity("platform:nowhere")).toBeNull();
  });

  test("brings claims in the order of time, with their sources", async () => {
    await portal.publish(firstRelease);
    const [series, ...others] = await (await portal.snapshot()).series("region:ZZ", "data-volume");
    expect(others).toEqual([]);
    expect(series?.claims.map(({ period, value, status, source }) => [period, value, status, source])).toEqual([
      [2021, "10", "A", "yearbook-2023"],
      [2022, "12.6", "A", "bulletin-2024"],
      [2022, "12.50", "A", "yearbook-2023"],
      [2023, "15", "P", "yearbook-2023"],
      [2030, "100", "T", "yearbook-2023"],
    ]);
  });

  test("of the same files again is a no-op without a single write", async () => {
    await portal.publish(firstRelease);
    const [again] = await portal.publish(firstRelease);
    expect(again).toMatchObject({ release: 1, published: false, claims: 0, changes: 0, writeUnits: 0 });
    expect((await portal.snapshot()).head.release).toBe(1);
  });

  test("of an earlier release again, after others, is a no-op too", async () => {
    const second = madeUp({ "observations.csv": [observation("2024", "20")] }, "2024-02-01");
    await portal.publish(firstRelease, second);
    const [again] = await portal.publish(firstRelease);
    expect(again).toMatchObject({ release: 1, published: false, writeUnits: 0 });
    expect((await portal.snapshot()).head.release).toBe(2);
  });

  test("of other files that say nothing new makes no release, no claim and no change", async () => {
    await portal.publish(firstRelease);
    const [again] = await portal.publish(madeUp(world, "2024-02-01", "The same world, told again"));
    expect(again).toMatchObject({ release: 1, published: false, claims: 0, changes: 0, unchanged: rowsOf(world) });
    const snapshot = await portal.snapshot();
    expect(snapshot.head).toMatchObject({ release: 1, knownOn: "2024-01-01" });
    expect(await snapshot.entity("release:2")).toBeNull();
  });

  test("claims only what changed", async () => {
    await portal.publish(firstRelease);
    const [summary] = await portal.publish(
      madeUp(
        {
          "platforms.csv": [platform("southport-cloud", "Southport Cloud II", "CLOUD", "9101", "south-bureau")],
          "regions.csv": regions,
          "observations.csv": [observation("2021", "10"), observation("2022", "12.7"), observation("2024", "18")],
        },
        "2024-02-01",
      ),
    );
    expect(summary).toMatchObject({
      release: 2,
      published: true,
      entities: { added: 0, revised: 1, deleted: 0 },
      claims: 2,
      unchanged: regions.length + 1,
      changes: 2,
    });
    const [series] = await (await portal.snapshot()).series("region:ZZ", "data-volume");
    expect(series?.claims.filter(({ release }) => release === 2).map(({ period }) => period)).toEqual([2022, 2024]);
  });

  test("leaves alone what its columns do not speak of", async () => {
    await portal.publish(firstRelease);
    const row = { id: "southport-cloud", kind: "OTHER" };
    await portal.publish(madeUp({ "platforms.csv": [row] }, "2024-02-01"));
    const { body } = (await (await portal.snapshot()).entity("platform:southport-cloud")) ?? {};
    expect(body).toMatchObject({
      nameEn: "Southport Cloud",
      kind: "OTHER",
      region: "region:9101",
      operator: "agency:south-bureau",
      path: "WORLD/ZZ/91/9101/",
    });
  });

  test("clears what a cell leaves empty", async () => {
    await portal.publish(firstRelease);
    const row = { id: "southport-cloud", kind: "CLOUD", operator_agency_id: "" };
    await portal.publish(madeUp({ "platforms.csv": [row] }, "2024-02-01"));
    const { body } = (await (await portal.snapshot()).entity("platform:southport-cloud")) ?? {};
    expect(body).not.toHaveProperty("operator");
  });

  test("can refer to what the same release brings in another file", async () => {
    await portal.publish(firstRelease);
    const files = {
      "regions.csv": [{ code: "9103", parent_code: "91", level: "PREFECTURE", name_en: "Southgate" }],
      "platforms.csv": [platform("southgate-cloud", "Southgate Cloud", "CLOUD", "9103")],
    };
    await portal.publish(madeUp(files, "2024-02-01"));
    expect(await (await portal.snapshot()).entity("platform:southgate-cloud")).toMatchObject({
      body: { path: "WORLD/ZZ/91/9103/" },
    });
  });

  test("withdraws a claim by a deletion, and keeps it for those who ask as of earlier", async () => {
    await portal.publish(firstRelease);
    const row = { ...observation("2021", ""), action: "D" };
    const [summary] = await portal.publish(madeUp({ "observations.csv": [row] }, "2024-02-01"));
    expect(summary).toMatchObject({ claims: 1 });
    const query = `{ now: series(metric: "data-volume", subject: "ZZ") { observations { timePeriod } }
      before: series(metric: "data-volume", subject: "ZZ", asOf: 1) { observations { timePeriod } } }`;
    const { data } = await portal.ask(query);
    const periods = (...years: string[]) => ({ observations: years.map((timePeriod) => ({ timePeriod })) });
    expect(data).toEqual({ now: periods("2022", "2023"), before: periods("2021", "2022", "2023") });
  });
});
