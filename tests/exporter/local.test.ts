import { afterAll, beforeAll, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { localDumps } from "../../local/exporter.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let portal: TestPortal;
beforeAll(async () => {
  engine = await startDynamoDb();
  portal = await openPortal(engine);
});
afterAll(async () => {
  await portal.close();
  await engine.close();
});

test("on one machine a release is dumped when somebody first asks for it", async () => {
  const dumps = localDumps({ client: portal.client(), tables: portal.tables });
  try {
    expect(await dumps.latest()).toBeUndefined();
    await portal.publish(firstRelease);
    const both = await Promise.all([dumps.latest(), dumps.latest()]);
    expect(both.map((dump) => dump?.manifest.release)).toEqual([1, 1]);
    expect(both[0]?.coverage.get("data-volume")).toMatchObject({ observations: 3, region: "ZZ" });
    await portal.publish(madeUp({ "sources.csv": [{ id: "almanac", title: "Almanac" }] }, "2024-02-01"));
    expect((await dumps.latest())?.manifest.release).toBe(2);
    const { url } = await dumps.sign("dumps/1/regions.csv.gz", "regions.csv.gz");
    expect((await fetch(url)).status).toBe(200);
  } finally {
    await dumps.close();
  }
});

test("one that nobody asked leaves nothing to close", async () => {
  await localDumps({ client: portal.client(), tables: portal.tables }).close();
});
