import { createHash } from "node:crypto";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { Partner } from "../support/feed.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { functionOn, type Intercept, openPortal, type TestPortal } from "../support/portal.ts";
import { type StoredItem as Item, itemsOf } from "../support/publishing.ts";
import { csvOf, madeUp } from "../support/releases.ts";

/** Digits that nothing predicts. */
function digits(seed: string, length: number): string {
  let text = "1";
  for (let i = 0; text.length < length; i += 1) {
    text += BigInt(`0x${createHash("sha256").update(`${seed} ${i}`).digest("hex")}`);
  }
  return text.slice(0, length);
}

/** Characters that nothing predicts, of three bytes each. */
function characters(seed: string, length: number): string {
  const bytes = Buffer.concat(
    Array.from({ length: length / 16 }, (_, i) => createHash("sha256").update(`${seed} ${i}`).digest()),
  );
  return Array.from({ length }, (_, i) => String.fromCharCode(0x4e00 + (bytes.readUInt16BE(i * 2) % 20_000))).join("");
}

describe.each(engines)("the blocks of the feed, on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
  });
  beforeEach(async () => {
    portal = await openPortal(running);
    await portal.publish(firstRelease);
    return () => portal.close();
  });
  afterAll(() => running.stop());

  const metrics = Array.from({ length: 40 }, (_, i) => ({ id: `m${i}`, name_en: `M ${i}`, unit: "1", topic: "t" }));
  const sources = Array.from({ length: 40 }, (_, i) => ({ id: `bulletin-of-statistics-${i}`, title: `Bulletin ${i}` }));
  const months = Array.from(
    { length: 100 },
    (_, i) => `${2000 + Math.floor(i / 12)}-${`${1 + (i % 12)}`.padStart(2, "0")}`,
  );

  const CASES = {
    "long numbers of several sources": metrics.flatMap(({ id }) =>
      months.flatMap((month) =>
        sources.slice(0, 3).map((source) => said(id, month, source.id, digits(`${id} ${month} ${source.id}`, 100), "")),
      ),
    ),
    "long notes": metrics.map(({ id }) => said(id, "2020-01", sources[0]?.id ?? "", "1", characters(id, 4000))),
    "many sources of one period": metrics.flatMap(({ id }) =>
      sources.map((source) => said(id, "2020-01", source.id, "1", characters(`${id} ${source.id}`, 400))),
    ),
  };

  function said(metric_id: string, month: string, source_id: string, value: string, note: string) {
    return observation(month, value, { metric_id, source_id, published_on: "2024-01-01", obs_status: "E", note });
  }

  test.each(Object.entries(CASES))("hold %s, and all of them", { timeout: 60_000 }, async (_name, rows) => {
    const files = { "metrics.csv": metrics, "sources.csv": sources, "observations.csv": csvOf(rows) };
    await portal.publish(madeUp(files, "2024-02-01", "Much"));
    const partner = new Partner(portal.ask);
    await partner.pullAll(10);
    const claims = partner.claims.filter(({ release }) => release === 2);
    const texts = claims.map(({ series, timePeriod, source, value, note }) =>
      [series.split("/")[0], timePeriod, source, value, note ?? ""].join("|"),
    );
    expect(texts.sort()).toEqual(
      rows.map((row) => [row.metric_id, row.time_period, row.source_id, row.value, row.note].join("|")).sort(),
    );
    for (const [key, { body }] of await itemsOf(portal, "catalogue")) {
      if (key.startsWith("changes:")) expect(body?.B?.length).toBeLessThan(400_000);
    }
  });

  const MANY = madeUp(
    { "sources.csv": Array.from({ length: 100 }, (_, i) => ({ id: `s${i}`, title: `S ${i}` })) },
    "2024-02-01",
    "Many",
  );
  const FEED = "{ changes(first: 100) { nodes { sequence } } }";
  const HUNDRED = { changes: { nodes: Array.from({ length: 100 }, (_, i) => ({ sequence: i + 1 })) } };

  /** A replica that does not know yet what was written last: blocks are missing from it, or were shorter. */
  function lagging(change: (items: Item[]) => Item[]): Intercept {
    return async (call, send) => {
      const answer = (await send()) as { output: { Responses?: Record<string, Item[]> } };
      const tables = (call.input.RequestItems ?? {}) as Record<string, { ConsistentRead?: boolean }>;
      const table = portal.tables.catalogue;
      const items = answer.output.Responses?.[table];
      if (call.command !== "BatchGetItemCommand" || !items || tables[table]?.ConsistentRead) return answer;
      return { ...answer, output: { ...answer.output, Responses: { [table]: change(items) } } };
    };
  }

  test.each<[string, (older: Item) => (items: Item[]) => Item[]]>([
    ["is missing", () => (items) => items.filter(({ id }) => id?.S !== "changes:1")],
    ["is older", (older) => (items) => items.map((item) => (item.id?.S === "changes:0" ? older : item))],
  ])("are read once more where one %s", async (_name, change) => {
    const older = (await itemsOf(portal, "catalogue")).get("changes:0") as Item;
    await portal.publish(MANY);
    const ask = functionOn({ client: portal.client(lagging(change(older))), tables: portal.tables });
    expect(await ask(FEED)).toMatchObject({ errors: [], data: HUNDRED });
  });

  test("are never passed over", async () => {
    await portal.publish(MANY);
    const key = { id: { S: "changes:1" } };
    await portal.client().send(new DeleteItemCommand({ TableName: portal.tables.catalogue, Key: key }));
    const { data, errors } = await portal.ask(FEED);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "UNAVAILABLE" } }]);
  });
});
