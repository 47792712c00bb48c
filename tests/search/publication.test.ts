import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { embedded } from "../publishing/support/portal-with-history.ts";
import type { RunningEngine } from "../support/engines.ts";
import { CutOff } from "../support/gates.ts";
import { firstRelease, observation, platform, platforms, regions, world } from "../support/made-up-world.ts";
import { functionOn, type Intercept, openPortal, type TestPortal } from "../support/portal.ts";
import { EARLY, importerOn, itemsOf, LATER } from "../support/publishing.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

/** The index in the store: what a release writes of it, and who reads what. */

type Item = Readonly<Record<string, { readonly S?: string }>>;

let engine: RunningEngine;
let portal: TestPortal;

beforeAll(async () => {
  engine = await embedded.start();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  portal = await openPortal(engine);
  await importerOn(portal).publish(firstRelease);
  return () => portal.close();
});

async function searchItems(of = portal): Promise<Map<string, string>> {
  const items = [...(await itemsOf(of, "catalogue"))].filter(([key]) => key.startsWith("search"));
  return new Map(
    items.map(([key, { versions, body }]) => [key, versions?.S ?? Buffer.from(body?.B ?? []).toString("hex")]),
  );
}

async function found(text: string, variables: object = {}): Promise<string[]> {
  const { data, errors } = await portal.ask<{ search: { nodes: { node: { id: string } }[] } }>(
    "query ($text: String!, $within: ID) { search(text: $text, within: $within) { nodes { node { id } } } }",
    { text, ...variables },
  );
  expect(errors).toEqual([]);
  return data.search.nodes.map(({ node }) => node.id);
}

const platformRelease = (rows: readonly MadeRow[], title = "Platforms") =>
  madeUp({ "platforms.csv": rows }, "2024-02-01", title);

describe("a release", () => {
  test("that changes nothing that is searched leaves the index as it is, without a call", async () => {
    const before = await searchItems();
    const calls: string[] = [];
    const intercept: Intercept = (call, send) => {
      calls.push(JSON.stringify(call.input));
      return send();
    };
    const north = { ...platforms[0], note: "Seen in spring." };
    const release = madeUp({ "platforms.csv": [north], "observations.csv": [observation("2024", "16")] }, "2024-02-01");
    expect(await importerOn(portal, { intercept }).publish(release)).toMatchObject({ release: 2, claims: 1 });
    expect(await searchItems()).toEqual(before);
    expect(calls.filter((call) => call.includes('"search'))).toEqual([]);
    expect(await found("north open data")).toEqual(["platform:north-open-data", "platform:northport-open-data"]);
  });

  test("writes the blocks that it changes, and the next one removes what these replace", async () => {
    await importerOn(portal).publish(platformRelease([platform("north-cloud", "Northern Cloud", "CLOUD", "90")]));
    const keys = [...(await searchItems()).keys()];
    expect(keys.filter((key) => key.endsWith("@2"))).toEqual(["search:platform:0@2"]);
    expect(keys).toContain("search:platform:0@1");
    await importerOn(portal).publish(platformRelease([platform("north-cloud", "Great Cloud", "CLOUD", "90")], "Again"));
    const after = [...(await searchItems()).keys()].filter((key) => key.includes("platform"));
    expect(after.sort()).toEqual(["search:platform:0@2", "search:platform:0@3"]);
    expect(await found("great cloud")).toEqual(["platform:north-cloud"]);
    expect(await found("northern")).not.toContain("platform:north-cloud");
  });

  test("that deletes takes what it deletes out of the index", async () => {
    await importerOn(portal).publish(platformRelease([{ ...platforms[4], action: "D" }]));
    expect(await found("southport cloud")).not.toContain("platform:southport-cloud");
  });

  test("of the same content makes the same bytes, in whatever order it is written down", async () => {
    const other = await openPortal(engine);
    const reversed = Object.fromEntries(
      Object.entries(world).map(([name, rows]) => [name, (rows as readonly MadeRow[]).toReversed()]),
    );
    await importerOn(other).publish(madeUp(reversed, "2024-01-01", "The world"));
    expect(await searchItems(other)).toEqual(await searchItems());
    await other.close();
  });

  test("is found when it is committed, and not before", async () => {
    const dies: Intercept = (call, send) => {
      const { Item } = call.input as { Item?: { id?: { S?: string } } };
      if (Item?.id?.S === "release:2") throw new CutOff("cut off");
      return send();
    };
    const lost = platformRelease([platform("lost-cloud", "Lost Cloud", "CLOUD", "90")]);
    await expect(importerOn(portal, { intercept: dies }).publish(lost)).rejects.toThrow();
    expect([...(await searchItems()).keys()]).toContain("search:platform:0@2");
    expect(await found("lost")).toEqual([]);

    // Its number is lost with it; whoever changes the index next removes what it wrote.
    const next = platformRelease([platform("good-cloud", "Good Cloud", "CLOUD", "91")], "Next");
    expect(await importerOn(portal, { now: () => LATER }).publish(next)).toMatchObject({ release: 3 });
    expect([...(await searchItems()).keys()].filter((key) => key.endsWith("@2"))).toEqual([]);
    expect(await found("good cloud")).toContain("platform:good-cloud");
    expect(await found("lost")).toEqual([]);
  });

  test("builds the index anew where there is none to go on from", async () => {
    const before = await found("north");
    await portal
      .client()
      .send(new DeleteItemCommand({ TableName: portal.tables.catalogue, Key: { id: { S: "search" } } }));
    const release = platformRelease([platform("east-cloud", "East Cloud", "CLOUD", "91")]);
    await importerOn(portal, { now: () => EARLY }).publish(release);
    const [manifest] = [...(await searchItems())].filter(([key]) => key === "search");
    expect(JSON.parse(manifest?.[1] ?? "")[0][1].types).toMatchObject({
      region: { documents: regions.length },
      platform: { documents: platforms.length + 1 },
      metric: { documents: 2 },
      source: { documents: 2 },
    });
    expect(await found("north")).toEqual(before);
    expect(await found("east cloud")).toEqual(["platform:east-cloud"]);
  });
});

test("a release that finds older readings in the index builds it anew", async () => {
  const client = portal.client();
  const Key = { id: { S: "search" } };
  const { Item = {} } = await client.send(new GetItemCommand({ TableName: portal.tables.catalogue, Key }));
  const versions = { S: (Item.versions?.S ?? "").replace('"readings":1,', "") };
  await client.send(new PutItemCommand({ TableName: portal.tables.catalogue, Item: { ...Item, versions } }));
  const before = await found("north");
  expect(before).not.toEqual([]);
  const release = platformRelease([platform("east-cloud", "East Cloud", "CLOUD", "90")]);
  await importerOn(portal, { now: () => LATER }).publish(release);
  const keys = [...(await searchItems()).keys()];
  expect(keys).toEqual(expect.arrayContaining(["search:region:0@2", "search:platform:0@2", "search:metric:0@2"]));
  expect(await found("north")).toEqual(expect.arrayContaining(before));
});

test("what comes when the index is full is counted, and found when it changes after something has left", async () => {
  const full = { maxDocuments: (await documentsIndexed()) + 1 };
  const clouds = ["first", "second"].map((name) => platform(`${name}-cloud`, `${name} cloud`, "CLOUD", "90"));
  await importerOn(portal, full).publish(platformRelease(clouds));
  expect(await documentsIndexed()).toBe(full.maxDocuments);
  expect(await notIndexed()).toBe(1);
  expect(await found("second cloud")).not.toContain("platform:second-cloud");
  await importerOn(portal, full).publish(platformRelease([{ ...clouds[0], action: "D" }], "Gone"));
  expect(await notIndexed()).toBe(1);
  const renamed = platform("second-cloud", "second great cloud", "CLOUD", "90");
  await importerOn(portal, full).publish(platformRelease([renamed], "Renamed"));
  expect(await notIndexed()).toBe(0);
  expect(await found("second great cloud")).toContain("platform:second-cloud");
});

async function documentsIndexed(): Promise<number> {
  const manifest = (await searchItems()).get("search") ?? "";
  const types = Object.values(JSON.parse(manifest)[0][1].types) as { documents: number }[];
  return types.reduce((sum, { documents }) => sum + documents, 0);
}

async function notIndexed(): Promise<number> {
  const { data } = await portal.ask<{ search: { notIndexed: number } }>(`{ search(text: "cloud") { notIndexed } }`);
  return data.search.notIndexed;
}

test("regions below counties are not found, and answers say how many those are", async () => {
  const towns = ["900101", "900101001", "900101002"].map((code, i) => ({
    code,
    parent_code: i === 0 ? "9001" : "900101",
    level: i === 0 ? "COUNTY" : "TOWNSHIP",
    name_en: `Harbour ${code}`,
  }));
  await importerOn(portal).publish(madeUp({ "regions.csv": towns }, "2024-02-01"));
  expect(await found("harbour")).toEqual(["region:900101"]);
  const { data } = await portal.ask(`{
    search(text: "harbour") { notIndexed indexRelease }
    agencies: search(text: "data", kinds: [AGENCY]) { notIndexed }
  }`);
  expect(data).toEqual({ search: { notIndexed: 2, indexRelease: 2 }, agencies: { notIndexed: 0 } });
  expect(await found("data", { within: "900101001" })).toEqual([]);
});

test("a page sequence goes on when a release comes in between", async () => {
  const page = async (after: string | null) => {
    const { data } = await portal.ask<{
      search: { nodes: { node: { id: string } }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    }>(
      `query ($after: String) { search(text: "data", first: 3, after: $after) { nodes { node { id } } pageInfo { endCursor hasNextPage } } }`,
      { after },
    );
    return data.search;
  };
  const all = await found("data");
  const first = await page(null);
  // One that goes ahead of the cursor, and one that stood behind it and leaves.
  await importerOn(portal).publish(
    madeUp(
      { "platforms.csv": [platform("data", "Data", "CLOUD", "90"), { ...platforms[3], action: "D" }] },
      "2024-02-01",
    ),
  );
  const rest: string[] = [];
  for (let after: string | null = first.pageInfo.endCursor; after !== null; ) {
    const next = await page(after);
    rest.push(...next.nodes.map(({ node }) => node.id));
    after = next.pageInfo.hasNextPage ? next.pageInfo.endCursor : null;
  }
  const expected = all.slice(3).filter((id) => id !== "platform:south-open-data");
  expect(rest).toEqual(expected);
  expect(expected.length).toBeGreaterThan(1);
});

test("a process that has an index reads what a release changed of it, and nothing after one that changed nothing", async () => {
  const calls: string[] = [];
  const intercept: Intercept = (call, send) => {
    const { Key, RequestItems } = call.input as { Key?: { id: { S: string } }; RequestItems?: Record<string, object> };
    const keys = Object.values(RequestItems ?? {}).flatMap((request) => (request as { Keys: Item[] }).Keys);
    calls.push([Key ?? [], ...keys].flatMap((key) => (key as Item).id?.S ?? []).join(" "));
    return send();
  };
  const ask = functionOn({ client: portal.client(intercept), tables: portal.tables });
  const callsOf = async () => {
    calls.length = 0;
    expect((await ask(`{ search(text: "north") { totalCount } }`)).errors).toEqual([]);
    return calls.filter((call) => call !== "");
  };
  const [head, manifest, blocks] = await callsOf();
  expect([head, manifest, blocks?.split(" ").length]).toEqual(["head", "search", 5]);
  await importerOn(portal).publish(platformRelease([platform("north-cloud", "North Cloud", "CLOUD", "90")]));
  expect(await callsOf()).toEqual(["head", "search", "search:platform:0@2"]);
  await importerOn(portal).publish(madeUp({ "observations.csv": [observation("2024", "16")] }, "2024-03-01"));
  expect(await callsOf()).toEqual(["head", "search"]);
});

test("a portal without a release finds nothing", async () => {
  const empty = await openPortal(engine);
  const { data, errors } = await empty.ask(
    `{ search(text: "north") { totalCount notIndexed } suggest(text: "n") { id } }`,
  );
  expect(errors).toEqual([]);
  expect(data).toEqual({ search: { totalCount: 0, notIndexed: 0 }, suggest: [] });
  await empty.close();
});
