import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReleaseFiles } from "../../portal/releases/files/folder.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { CutOff, dyingAtWrite } from "../support/gates.ts";
import { firstRelease, observation, platform } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

/** Touches everything that a release can touch: new, moved and deleted entities, counts, series, the feed. */
const release = madeUp(
  {
    "agencies.csv": [{ id: "new-bureau", name_en: "New Data Bureau", level: "PROVINCIAL", region_code: "90" }],
    "platforms.csv": [
      platform("north-open-data", "North Open Data", "OTHER", "9001", "new-bureau"),
      platform("new-cloud", "New Cloud", "CLOUD", "91"),
      { ...platform("southport-cloud", "", "", ""), action: "D" } as MadeRow,
    ],
    "observations.csv": [
      observation("2023", "16"),
      observation("2024", "20"),
      observation("2024", "300", { metric_id: "datasets", subject_type: "PLATFORM", subject_id: "new-cloud" }),
    ],
  },
  "2024-02-01",
  "Cut off",
);
const another = madeUp(
  {
    "platforms.csv": [platform("north-open-data", "North Open Data", "CLOUD", "91", "south-bureau")],
    "observations.csv": [observation("2023", "17"), observation("2025", "30")],
  },
  "2024-03-01",
  "Another",
);

/** What the first one said, in a release of its own behind the other. */
const afterAnother = madeUp(
  { "observations.csv": [observation("2023", "16"), observation("2024", "20")] },
  "2024-04-01",
  "After another",
);

const EVERYTHING = `{
  platforms(orderBy: { field: NAME, direction: ASC }) { totalCount nodes { id kind operator { id } region { code counts { platforms agencies } } } }
  cloud: platforms(filter: { kind: CLOUD }) { totalCount nodes { id } }
  agencies { totalCount nodes { id platforms { totalCount nodes { id } } } }
  region(code: "ZZ") { profile { nodes { id observations { timePeriod value revisions { value } alternatives { value } } } } }
  platform(id: "new-cloud") { id profile { nodes { id } } }
  changes(first: 100) { nodes { sequence action nodeId release { title } } }
}`;

/** How far the importer comes: the share of its writes that go through, in percent. */
const SHARES = [0, 25, 45, 65, 80, 96];

const now = () => Date.parse("2024-06-01T00:00:00Z");
const later = () => now() + 3_600_000;

describe.each(engines)("an importer that is cut off on $name", ({ name, start }) => {
  const shares = name === "dynalite" ? SHARES : [65];
  let engine: RunningEngine;
  let portal: TestPortal;
  /** What a portal says, and holds, after the same releases when nothing was cut off. */
  let undisturbed: Record<"release" | "another" | "both", Awaited<ReturnType<typeof stateAfter>>>;

  beforeAll(async () => {
    engine = await start();
    undisturbed = {
      release: await stateAfter(engine, release),
      another: await stateAfter(engine, another),
      both: await stateAfter(engine, another, afterAnother),
    };
  });
  beforeEach(async () => {
    portal = await openPortal(engine);
    await portal.importer(undefined, { now }).publish(firstRelease);
    return () => portal.close();
  });
  afterAll(() => engine.stop());

  const answers = async () => (await portal.ask(EVERYTHING)).data;
  const publish = (files: ReleaseFiles) => portal.importer(undefined, { now: later }).publish(files);
  const publishCutOff = (share: number, options = {}) => {
    const k = 1 + Math.floor((share / 100) * undisturbed.release.writes);
    return portal.importer(dyingAtWrite(k, options).intercept, { now, concurrency: 1 }).publish(release);
  };

  test.for(shares)(
    "after %i % of its writes leaves nothing to see and does not disturb another release",
    async (share) => {
      const before = await answers();
      await expect(publishCutOff(share)).rejects.toThrow();
      expect(await answers()).toEqual(before);
      await publish(another);
      expect(await answers()).toEqual(undisturbed.another.answers);
      await publish(afterAnother);
      expect(await answers()).toEqual(undisturbed.both.answers);
    },
  );

  test.for(shares)("after %i % of its writes and run again ends where an undisturbed one does", async (share) => {
    await expect(publishCutOff(share)).rejects.toThrow();
    await publish(release);
    expect(await answers()).toEqual(undisturbed.release.answers);
    expect(await dumpOf(portal)).toEqual(undisturbed.release.dump);
  });

  test.for(shares)("after %i % of its writes and the answer to one more, too", async (share) => {
    await publishCutOff(share, { after: true }).catch(() => undefined);
    await publish(release);
    expect(await answers()).toEqual(undisturbed.release.answers);
    expect(await dumpOf(portal)).toEqual(undisturbed.release.dump);
  });

  test("keeps others out only until its lease has run out", async () => {
    await expect(publishCutOff(20)).rejects.toThrow();
    await expect(portal.importer(undefined, { now }).publish(another)).rejects.toThrow(/its place is free in 60 s/);
    expect(await publish(another)).toMatchObject({ published: true });
  });

  test("fails with an error of the portal's own", async () => {
    await expect(publishCutOff(20)).rejects.toThrow(
      expect.objectContaining({ code: "INTERNAL", cause: expect.any(CutOff) }),
    );
  });
});

async function stateAfter(engine: RunningEngine, ...releases: readonly ReleaseFiles[]) {
  const portal = await openPortal(engine);
  await portal.importer(undefined, { now }).publish(firstRelease);
  const { intercept, writes } = dyingAtWrite(Number.POSITIVE_INFINITY);
  for (const files of releases) await portal.importer(intercept, { now: later, concurrency: 1 }).publish(files);
  const state = { answers: (await portal.ask(EVERYTHING)).data, dump: await dumpOf(portal), writes: writes() };
  await portal.close();
  return state;
}

/** Everything in both tables but what says when, how often and by whom an item was written. */
async function dumpOf({ client, tables }: TestPortal): Promise<Record<string, string>> {
  const reader = client();
  const dumps = await Promise.all(
    [tables.catalogue, tables.series].map(async (TableName) => {
      const { Items = [] } = await reader.send(new ScanCommand({ TableName }));
      return Items.map(({ revision: _, writtenBy: __, committedAt: ___, ...item }) => {
        const key = item.id?.S ?? `${item.metricGroup?.S} ${item.subjectFrequency?.S}`;
        return [key, Object.entries(item).sort().map(textOf).join("\n")];
      });
    }),
  );
  return Object.fromEntries(dumps.flat().sort());
}

function textOf([name, { S, N, B }]: [string, AttributeValue]): string {
  const text = S ?? N ?? Buffer.from(B ?? "").toString("base64");
  return `${name}: ${text.replace(/"(committedAt|at)":("[^"]*"|\d+)/g, "")}`;
}
