import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { Manifest } from "../../portal/export/manifest.ts";
import { firstRelease, observation, regions } from "../support/made-up-world.ts";
import { madeUp } from "../support/releases.ts";
import { type DumpDesk, damagedFiles, type Invocation, openDumpDesk } from "./support/dump-desk.ts";

const SECOND = madeUp(
  { "regions.csv": [{ ...regions[1], name_en: "New Zedland" }], "observations.csv": [observation("2024", "17")] },
  "2024-02-01",
);

/** Everything stands still from the call on: a process that died says nothing more. */
function dyingAt(call: number): Invocation {
  let calls = 0;
  const step = () => {
    calls += 1;
    if (calls >= call) throw new Error("killed");
  };
  return {
    onS3: step,
    intercept: async (_, send) => {
      step();
      return send();
    },
  };
}

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: DumpDesk;
let before: Manifest;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openDumpDesk(engine);
  await desk.portal.publish(firstRelease);
  await desk.export();
  before = (await desk.latest()) as Manifest;
  await desk.portal.publish(SECOND);
});
afterAll(async () => {
  await desk.close();
  await engine.close();
});

describe("an exporter that is killed", () => {
  test("at any call leaves the dump before, whole, or the new one, whole", async () => {
    const seen = new Set<number>();
    let finished = false;
    for (let call = 2; !finished; call += 8) {
      finished = await desk.export(dyingAt(call)).then(
        () => true,
        () => false,
      );
      const latest = (await desk.latest()) as Manifest;
      seen.add(latest.release);
      expect(latest.release).toBe(finished ? 2 : 1);
      expect(await damagedFiles(desk, latest)).toEqual([]);
      if (!finished) await desk.remove("dumps/2/");
    }
    expect(seen).toEqual(new Set([1, 2]));
    expect(before.release).toBe(1);
  });

  test("goes on behind the last table that it finished, and makes the same bytes", async () => {
    const whole = (await desk.latest()) as Manifest;
    const put = (calls: string[]) => calls.filter((call) => call.startsWith("PutObject dumps/2/"));
    await desk.remove("dumps/2/");
    await desk.remove("dumps/latest.json");
    desk.calls();
    const killed = (call: string) => {
      if (call === "PutObject dumps/2/observations.parquet") throw new Error("killed");
    };
    await expect(desk.export({ onS3: killed })).rejects.toThrow("killed");
    const first = put(desk.calls());
    expect(await desk.export()).toEqual({ status: "WRITTEN", release: 2 });
    const second = put(desk.calls());
    expect(first).toContain("PutObject dumps/2/regions.csv.gz");
    expect(second).not.toContain("PutObject dumps/2/regions.csv.gz");
    expect(second).toContain("PutObject dumps/2/observations.parquet");
    const again = (await desk.latest()) as Manifest;
    const digests = ({ tables }: Manifest) =>
      tables.map(({ name, files }) => [name, files.map(({ sha256 }) => sha256)]);
    expect(Object.fromEntries(digests(again))).toMatchObject(
      Object.fromEntries(digests(whole).filter(([name]) => name !== "agencies")),
    );
    expect(await damagedFiles(desk, again)).toEqual([]);
  });
});

test("one whose time is up pauses, and finishes in as many invocations as it takes", async () => {
  await desk.remove("dumps/");
  let outcomes = 0;
  for (let left = 3; ; left += 3) {
    let looks = left;
    // Time is up at the n-th look at it.
    const remainingMs = () => (looks-- > 0 ? 900_000 : 0);
    const outcome = await desk.export({ remainingMs });
    outcomes += 1;
    if (outcome.status === "WRITTEN") break;
    expect(outcome).toEqual({ status: "PAUSED", release: 2 });
    expect(await desk.latest()).toBeUndefined();
  }
  expect(outcomes).toBeGreaterThan(2);
  expect(await damagedFiles(desk, (await desk.latest()) as Manifest)).toEqual([]);
});

test("rows that are missing are found, and no dump is made of what is left", async () => {
  await desk.remove("dumps/");
  // What an index that lags does: one entry is not there yet.
  const intercept: Invocation["intercept"] = async ({ input }, send) => {
    const answer = (await send()) as { output: { Items?: unknown[] } };
    const isSeries = input.IndexName === "byPlace";
    if (isSeries && answer.output.Items?.length) answer.output.Items.pop();
    return answer;
  };
  await expect(desk.export({ intercept })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await desk.latest()).toBeUndefined();
  expect((await desk.keys("dumps/2/")).filter((key) => key.includes("done"))).not.toContain(
    "dumps/2/observations+claims.done.json",
  );
});

test("two at once make one dump", async () => {
  await desk.remove("dumps/");
  const outcomes = await Promise.all([desk.export(), desk.export()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["WRITTEN", "WRITTEN"]);
  expect(await damagedFiles(desk, (await desk.latest()) as Manifest)).toEqual([]);
});
