import { describe, expect, test } from "vitest";
import { engines } from "../support/engines.ts";
import { platform } from "../support/made-up-world.ts";
import type { TestPortal } from "../support/portal.ts";
import { importerOn, itemsOf } from "../support/publishing.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";
import { COMPLEXES, FORTH, region } from "./support/history.ts";
import { regionMoved } from "./support/kinds.ts";
import { portalWithHistory } from "./support/portal-with-history.ts";
import { answersOf } from "./support/reader.ts";
import { stateOf, wrongTotals } from "./support/state.ts";

const release = (title: string, files: MadeFiles, day = FORTH) => madeUp(files, day, title);
const another = release("Another", { "sources.csv": [{ id: "another", title: "Another" }] }, "2024-05-01");

describe.each(engines)("a region that is replaced on $name", (engine) => {
  const portal = portalWithHistory(engine);
  const LISTS = `{
    current: regions(filter: { level: PREFECTURE }) { totalCount nodes { id } }
    historical: regions(filter: { status: HISTORICAL }) { totalCount nodes { id validTo replacedBy { id } } }
    south: region(code: "91") { children { totalCount nodes { id } } counts { regions } former: children(filter: { status: HISTORICAL }) { nodes { id } } }
  }`;
  interface Lists {
    readonly current: { readonly totalCount: number; readonly nodes: readonly { id: string }[] };
    readonly historical: { readonly totalCount: number; readonly nodes: readonly unknown[] };
    readonly south: unknown;
  }
  const prefectures = (...codes: string[]) => ({
    totalCount: codes.length,
    nodes: codes.map((code) => ({ id: `region:${code}` })),
  });

  test("by another code is historical, out of the lists, and keeps its series", async () => {
    const series = await (await portal().snapshot()).series("region:9101", "data-volume");
    await portal().publish(
      release("Recoded", {
        "regions.csv": [
          region("9101", "91", "PREFECTURE", "Southport", { valid_to: "2024-03-31", replaced_by: "9102" }),
          region("9102", "91", "PREFECTURE", "Southport", { valid_from: "2024-04-01" }),
        ],
      }),
    );
    const { data } = await portal().ask<Lists>(LISTS);
    expect(data).toEqual({
      current: prefectures("9001", "9002", "9102", "9201"),
      historical: {
        totalCount: 1,
        nodes: [{ id: "region:9101", validTo: "2024-03-31", replacedBy: [{ id: "region:9102" }] }],
      },
      south: { children: prefectures("9102"), counts: { regions: 2 }, former: { nodes: [{ id: "region:9101" }] } },
    });
    expect(await (await portal().snapshot()).series("region:9101", "data-volume")).toEqual(series);
    expect(await (await portal().snapshot()).series("region:9102", "data-volume")).toEqual([]);
    const panel = `{ panel(metric: "data-volume", of: { childrenOf: "91" }) { rows { subject { id } values } } }`;
    expect((await portal().ask(panel)).data).toEqual({
      panel: { rows: [{ subject: { id: "region:9101" }, values: ["75"] }] },
    });
  });

  test("together with another by one that takes over what was in both", async () => {
    await portal().publish(
      release("Merged", {
        "regions.csv": [
          region("9001", "90", "PREFECTURE", "Northport", { valid_to: "2024-03-31", replaced_by: "9003" }),
          region("9002", "90", "PREFECTURE", "Northfield", { valid_to: "2024-03-31", replaced_by: "9003" }),
          region("9003", "90", "PREFECTURE", "Northport-Northfield", { valid_from: "2024-04-01" }),
          region("900101", "9003", "COUNTY", "Harbour"),
          region("900102", "9003", "COUNTY", "Uptown"),
        ],
        "agencies.csv": [{ id: "port-office", name_en: "Port Office", level: "PREFECTURE", region_code: "9003" }],
        "platforms.csv": [platform("port-data", "Port Data", "OPEN_DATA", "9003", "port-office")],
        "complexes.csv": [{ ...COMPLEXES[0], region_code: "9003" }],
      }),
    );
    const { data } = await portal().ask(`{
      north: region(code: "90") { children { totalCount nodes { id } } counts { regions agencies platforms industrialComplexes } }
      new: region(code: "9003") { children { totalCount nodes { id } } platforms { totalCount nodes { id } } }
      old: region(code: "9001") { status replacedBy { id } children { totalCount } platforms { totalCount } series(metric: "data-volume") { latest { value } } }
      panel(metric: "data-volume", of: { childrenOf: "9003" }) { rows { subject { id } } }
    }`);
    expect(data).toEqual({
      north: {
        children: prefectures("9003"),
        counts: { regions: 5, agencies: 2, platforms: 3, industrialComplexes: 1 },
      },
      new: {
        children: prefectures("900101", "900102"),
        platforms: { totalCount: 2, nodes: [{ id: "platform:port-data" }, { id: "platform:harbour-exchange" }] },
      },
      old: {
        status: "HISTORICAL",
        replacedBy: [{ id: "region:9003" }],
        children: { totalCount: 0 },
        platforms: { totalCount: 0 },
        series: { latest: { value: "86" } },
      },
      panel: { rows: [{ subject: { id: "region:900101" } }, { subject: { id: "region:900102" } }] },
    });
    expect(wrongTotals(await stateOf(portal()))).toEqual([]);
  });

  test("by several names them all", async () => {
    await portal().publish(
      release("Split", {
        "regions.csv": [
          region("9101", "91", "PREFECTURE", "Southport", { valid_to: "2024-03-31", replaced_by: "9102 9103" }),
          region("9102", "91", "PREFECTURE", "Southport East"),
          region("9103", "91", "PREFECTURE", "Southport West"),
        ],
      }),
    );
    const { data } = await portal().ask<Lists>(LISTS);
    expect(data.current).toEqual(prefectures("9001", "9002", "9102", "9103", "9201"));
    expect(data.historical.nodes).toEqual([
      { id: "region:9101", validTo: "2024-03-31", replacedBy: [{ id: "region:9102" }, { id: "region:9103" }] },
    ]);
  });

  test("can come back into force", async () => {
    const before = (await portal().ask(LISTS)).data;
    const former = region("9101", "91", "PREFECTURE", "Southport", { valid_to: "2024-03-31" });
    await portal().publish(release("Abolished", { "regions.csv": [former] }));
    await portal().publish(release("Restored", { "regions.csv": [{ ...former, valid_to: "" }] }));
    expect((await portal().ask(LISTS)).data).toEqual(before);
  });
});

describe.each(engines)("a region that gets another parent on $name", (engine) => {
  const portal = portalWithHistory(engine);

  test("takes along everything below it, in every list, count and panel", async () => {
    await regionMoved.publish(importerOn(portal()));
    const { data } = await portal().ask(`{
      quay: region(code: "900101001") { ancestors { id } }
      north: region(code: "90") { ...What }
      south: region(code: "91") { ...What }
      port: region(code: "9001") { parent { id } series(metric: "data-volume") { latest { timePeriod value } } }
      inNorth: regions(filter: { within: "90" }) { totalCount nodes { id } }
      inSouth: regions(filter: { within: "91" }) { totalCount nodes { id } }
      northern: panel(metric: "data-volume", of: { childrenOf: "90" }) { ...Rows }
      southern: panel(metric: "data-volume", of: { childrenOf: "91" }) { ...Rows }
      ofPort: panel(metric: "data-volume", of: { childrenOf: "9001" }) { ...Rows }
      northernCounties: panel(metric: "data-volume", of: { regions: { within: "90", level: COUNTY } }) { ...Rows }
      southernCounties: panel(metric: "data-volume", of: { regions: { within: "91", level: COUNTY } }) { ...Rows }
      northernPlatforms: panel(metric: "data-volume", of: { subjects: { kind: PLATFORM, within: "90" } }) { ...Rows }
      southernPlatforms: panel(metric: "data-volume", of: { subjects: { kind: PLATFORM, within: "91" } }) { ...Rows }
    }
    fragment Rows on Panel { rows { subject { id } } }
    fragment What on Region {
      children { totalCount nodes { id } }
      counts { regions agencies platforms industrialComplexes }
      platforms { totalCount nodes { id } }
      agencies { totalCount nodes { id } }
      industrialComplexes { totalCount nodes { id } }
    }`);
    const list = (type: string, ...ids: string[]) => ({
      totalCount: ids.length,
      nodes: ids.map((id) => ({ id: `${type}:${id}` })),
    });
    const rows = (...ids: string[]) => ({ rows: ids.map((id) => ({ subject: { id } })) });
    expect(data).toEqual({
      quay: { ancestors: ["WORLD", "ZZ", "91", "9001", "900101"].map((code) => ({ id: `region:${code}` })) },
      north: {
        children: list("region", "9002"),
        counts: { regions: 2, agencies: 1, platforms: 1, industrialComplexes: 0 },
        platforms: list("platform", "north-data"),
        agencies: list("agency", "north-bureau"),
        industrialComplexes: list("complex"),
      },
      south: {
        children: list("region", "9001", "9101"),
        counts: { regions: 6, agencies: 2, platforms: 4, industrialComplexes: 2 },
        platforms: list("platform", "south-cloud", "south-data", "port-data", "harbour-exchange"),
        agencies: list("agency", "south-bureau", "port-office"),
        industrialComplexes: list("complex", "south-lab", "port-park"),
      },
      port: { parent: { id: "region:91" }, series: { latest: { timePeriod: "2024", value: "87" } } },
      inNorth: list("region", "90", "9002"),
      inSouth: list("region", "91", "9001", "900101", "900101001", "900102", "9101"),
      northern: rows("region:9002"),
      southern: rows("region:9001", "region:9101"),
      ofPort: rows("region:900101", "region:900102"),
      northernCounties: null,
      southernCounties: rows("region:900101", "region:900102"),
      northernPlatforms: null,
      southernPlatforms: rows("platform:south-data", "platform:port-data", "platform:harbour-exchange"),
    });
    expect(wrongTotals(await stateOf(portal()))).toEqual([]);
  });

  test("leaves no trace in the lists once the next release is there", async () => {
    await regionMoved.publish(importerOn(portal()));
    expect(await ghostsOf(portal())).not.toEqual([]);
    const answers = await answersOf(portal().ask);
    await importerOn(portal()).publish(another);
    expect(await ghostsOf(portal())).toEqual([]);
    expect(await answersOf(portal().ask)).toMatchObject(lists(answers));
  });
});

/** What a release that adds a source leaves as it is. */
function lists(answers: unknown): Record<string, unknown> {
  const { release: _, releases: __, changes: ___, sources: ____, ...rest } = answers as Record<string, unknown>;
  return rest;
}

async function ghostsOf(portal: TestPortal): Promise<string[]> {
  return [...(await itemsOf(portal, "catalogue")).keys()].filter(
    (key) => /@\d+$/.test(key) && !key.startsWith("search:"),
  );
}
