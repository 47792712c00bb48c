import { describe, expect, test } from "vitest";
import { platform } from "../support/made-up-world.ts";
import { functionOn, type TestPortal } from "../support/portal.ts";
import { EARLY, importerOn, itemsOf, LATER } from "../support/publishing.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";
import { FORTH, PLATFORMS, region, says, takesBack } from "./support/history.ts";
import { stoppingBehind } from "./support/intercepts.ts";
import { longSeries, regionMoved, undone } from "./support/kinds.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";
import { answersOf, Reader } from "./support/reader.ts";
import { seenAsOf, stateOf, wrongTotals } from "./support/state.ts";

const release = (title: string, files: MadeFiles, day = FORTH) => madeUp(files, day, title);
const another = release("Another", { "sources.csv": [{ id: "another", title: "Another" }] }, "2024-05-01");

describe("whatever moves", () => {
  const portal = portalWithHistory(embedded);
  const back = release("Back again", {
    "regions.csv": [region("9001", "90", "PREFECTURE", "Northport")],
    "observations.csv": [says("9001", "2025", "88"), says("900101", "2022", "67")],
  });
  const deeper = release("Two at once, one below the other", {
    "regions.csv": [
      region("9001", "92", "PREFECTURE", "Northport"),
      region("900101", "9002", "COUNTY", "Harbour"),
      region("9002", "91", "PREFECTURE", "Northfield"),
      region("920101", "9201", "COUNTY", "New"),
    ],
    "platforms.csv": [platform("port-data", "Port Data", "OPEN_DATA", "920101"), { ...PLATFORMS[5], action: "D" }],
    "observations.csv": [
      says("900101", "2025", "1"),
      says("920101", "2025", "2"),
      says("platform:port-data", "2025", "3"),
    ],
  });
  const level = release("A county becomes a prefecture", {
    "regions.csv": [region("900102", "90", "PREFECTURE", "Uptown")],
    "observations.csv": [says("900102", "2025", "9")],
  });

  test("is where it was, as of every release before, and where it is now", { timeout: 60_000 }, async () => {
    const seen: unknown[] = [];
    const steps = [regionMoved, back, otherOwner(), deeper, level, takenBack(), undone];
    for (const step of steps) {
      const head = (await portal().snapshot()).head.release;
      seen.push([head, await seenAsOf(portal(), head)]);
      await ("publish" in step ? step.publish(importerOn(portal())) : importerOn(portal()).publish(step));
      expect(wrongTotals(await stateOf(portal()))).toEqual([]);
    }
    for (const [head, before] of seen as [number, unknown][]) {
      expect(await seenAsOf(portal(), head), `as of release ${head}`).toEqual(before);
    }
  });

  test("changes what lies below it, and nothing that left it before", async () => {
    await importerOn(portal()).publish(
      release("Out", { "platforms.csv": [platform("port-data", "Port Data", "OPEN_DATA", "92", "port-office")] }),
    );
    await regionMoved.publish(importerOn(portal()));
    const { data } = await portal().ask<{ changes: { nodes: { nodeId: string; release: { number: number } }[] } }>(
      `{ changes(first: 100) { nodes { nodeId release { number } } } }`,
    );
    const changed = data.changes.nodes.filter(({ release }) => release.number === 5).map(({ nodeId }) => nodeId);
    expect(changed).toContain("platform:harbour-exchange");
    expect(changed).not.toContain("platform:port-data");
  });

  test("is refused where it would lie in itself", async () => {
    const files = { "regions.csv": [region("9001", "900101", "COUNTY", "Northport")] };
    await expect(importerOn(portal()).publish(release("Round", files))).rejects.toThrow(/INVALID_VALUE/);
  });

  test("is seen where it was by those who are served a while longer", async () => {
    const graceMs = 3_600_000;
    const { client, tables, ask } = portal();
    const late = new Reader(
      functionOn({ client: client(), tables, headMaxAgeMs: Number.POSITIVE_INFINITY }),
      await answersOf(ask),
    );
    await late.look();
    await regionMoved.publish(importerOn(portal(), { graceMs }));
    await importerOn(portal(), { graceMs, now: () => EARLY + 60_000 }).publish(another);
    await late.look();
    expect(late.wrong).toBeUndefined();
    await importerOn(portal(), { graceMs, now: () => EARLY + 2 * graceMs }).publish(back);
    expect(await ghostsOf(portal())).not.toContainEqual(expect.stringMatching(/@4$/));
  });

  test.for([
    ["91", "92"],
    ["92", "91"],
  ] as const)("to %s in vain and to %s for good is told from there alone", async ([vain, good]) => {
    const to = (parent: string, value: string) =>
      release(`To ${parent}`, {
        "regions.csv": [region("9001", parent, "PREFECTURE", "Northport")],
        "observations.csv": [says("9001", "2022", value), says("9001", "2024", value)],
      });
    const stopped = importerOn(portal(), { now: () => EARLY, intercept: stoppingBehind(`data-volume|${vain}`) });
    await expect(stopped.publish(to(vain, "1"))).rejects.toThrow();
    await importerOn(portal(), { now: () => LATER }).publish(to(good, "2"));
    const { data } = await portal().ask<{ region: { profile: { nodes: unknown[] } } }>(
      `{ region(code: "9001") { profile(first: 1) { nodes { observations { timePeriod value } notices { values } } } } }`,
    );
    const observations = [
      ["2021", "79"],
      ["2022", "80.5"],
      ["2023", "86"],
      ["2024", "2"],
    ].map(([timePeriod, value]) => ({ timePeriod, value }));
    expect(data.region.profile.nodes).toEqual([{ observations, notices: [{ values: ["80.5", "2"] }] }]);
  });

  test("back and forth among readers who are served a while longer loses nothing", async () => {
    const graceMs = 3_600_000;
    const publish = (files: ReturnType<typeof release>, at: number) =>
      importerOn(portal(), { graceMs, now: () => EARLY + at }).publish(files);
    const there = (n: number) =>
      release(`There ${n}`, { "regions.csv": [region("9001", "91", "PREFECTURE", "Northport")] });
    const here = (n: number) =>
      release(`Here ${n}`, { "regions.csv": [region("9001", "90", "PREFECTURE", "Northport")] });
    const before = await seenAsOf(portal(), 3);
    await publish(there(1), 0);
    await publish(here(1), 1000);
    await publish(there(2), 2000);
    const moved = await seenAsOf(portal(), 6);
    await publish(another, graceMs + 1500);
    expect(await seenAsOf(portal(), 6)).toEqual(moved);
    await publish(
      release("Here 2", { "regions.csv": [region("9001", "90", "PREFECTURE", "Northport")] }, "2024-05-01"),
      3 * graceMs,
    );
    expect(await seenAsOf(portal(), 6)).toEqual(moved);
    expect(await seenAsOf(portal(), 3)).toEqual(before);
    const { data } = await portal().ask(
      `{ region(code: "9001") { parent { id } series(metric: "data-volume") { observations { value } } } }`,
    );
    expect(data).toEqual({
      region: {
        parent: { id: "region:90" },
        series: { observations: ["79", "80.5", "86"].map((value) => ({ value })) },
      },
    });
  });

  /** Platforms that change kind, region and operator, one of them with its series. */
  function otherOwner() {
    return release("Another owner", {
      "platforms.csv": [
        platform("south-data", "South Data", "DATA_EXCHANGE", "9002", "north-bureau"),
        platform("harbour-exchange", "Harbour Exchange", "CLOUD", "91", "port-office"),
      ],
      "observations.csv": [says("platform:south-data", "2024", "14")],
    });
  }

  function takenBack() {
    return release("Taken back", { "observations.csv": [takesBack("900101"), takesBack("platform:south-data")] });
  }
});

describe("a platform with a series", () => {
  const portal = portalWithHistory(embedded);

  test.for([
    ["region", platform("south-data", "South Data", "OPEN_DATA", "9002", "south-bureau")],
    ["kind", platform("south-data", "South Data", "CLOUD", "91", "south-bureau")],
    ["operator", platform("south-data", "South Data", "OPEN_DATA", "91", "north-bureau")],
    ["region, kind and operator", platform("south-data", "South Data", "CLOUD", "9002")],
  ] as const)("gets another %s and is in the panels and lists of its new place alone", async ([, row]) => {
    await importerOn(portal()).publish(release("Changed", { "platforms.csv": [row] }));
    await importerOn(portal()).publish(another);
    const { data } = await portal().ask<
      Record<string, { rows?: { subject: { id: string } }[]; nodes?: { id: string }[] } | null>
    >(`{
      all: panel(metric: "data-volume", of: { subjects: { kind: PLATFORM } }) { rows { subject { id } } }
      north: panel(metric: "data-volume", of: { subjects: { kind: PLATFORM, within: "90" } }) { rows { subject { id } } }
      south: panel(metric: "data-volume", of: { subjects: { kind: PLATFORM, within: "91" } }) { rows { subject { id } } }
      clouds: platforms(filter: { kind: CLOUD }) { nodes { id } }
      ofSouth: platforms(filter: { operator: "south-bureau" }) { nodes { id } }
      ofNorth: platforms(filter: { operator: "north-bureau" }) { nodes { id } }
    }`);
    const has = (name: string) =>
      [...(data[name]?.rows?.map(({ subject }) => subject) ?? []), ...(data[name]?.nodes ?? [])].filter(
        ({ id }) => id === "platform:south-data",
      ).length;
    expect({ all: has("all"), north: has("north"), south: has("south") }).toEqual({
      all: 1,
      north: row.region_code === "9002" ? 1 : 0,
      south: row.region_code === "91" ? 1 : 0,
    });
    expect(has("clouds")).toBe(row.kind === "CLOUD" ? 1 : 0);
    expect(has("ofSouth")).toBe(row.operator_agency_id === "south-bureau" ? 1 : 0);
    expect(has("ofNorth")).toBe(row.operator_agency_id === "north-bureau" ? 1 : 0);
    expect(wrongTotals(await stateOf(portal()))).toEqual([]);
  });
});

describe("a long series in parts", () => {
  const portal = portalWithHistory(embedded);

  test("moves with its subject whole, and back", { timeout: 60_000 }, async () => {
    await importerOn(portal()).publish(release("Long", { "observations.csv": longSeries("9002", 70) }));
    const parts = [...(await itemsOf(portal(), "series")).keys()].filter((key) => key.includes("region:9002|A"));
    expect(parts.length).toBeGreaterThan(1);
    const claims = async () => (await (await portal().snapshot()).series("region:9002", "data-volume"))[0]?.claims;
    const before = await claims();
    const seen = await seenAsOf(portal(), 4);
    for (const [n, parent] of ["91", "90"].entries()) {
      await importerOn(portal()).publish(
        release(`Moved ${n}`, {
          "regions.csv": [region("9002", parent, "PREFECTURE", "Northfield")],
          "platforms.csv": [platform("north-data", "North Data", "OPEN_DATA", parent, "north-bureau")],
        }),
      );
      expect(await claims()).toEqual(before);
      expect(await seenAsOf(portal(), 4)).toEqual(seen);
    }
    await importerOn(portal()).publish(
      release("More", { "observations.csv": [says("9002", "1950", "1"), says("9002", "1980", "2")] }),
    );
    expect((await claims())?.length).toBe((before?.length ?? 0) + 2);
  });
});

async function ghostsOf(portal: TestPortal): Promise<string[]> {
  return [...(await itemsOf(portal, "catalogue")).keys()].filter(
    (key) => /@\d+$/.test(key) && !key.startsWith("search:"),
  );
}
