import { describe, expect, test } from "vitest";
import { InvalidReleaseError } from "../../portal/releases/problems.ts";
import { CutOff, isWrite } from "../support/gates.ts";
import { platform } from "../support/made-up-world.ts";
import type { Intercept } from "../support/portal.ts";
import { contentOf, importerOn, itemsOf, LATER } from "../support/publishing.ts";
import { type MadeFiles, type MadeRow, madeUp } from "../support/releases.ts";
import {
  AGENCIES,
  COMPLEXES,
  deleted,
  METRICS,
  PLATFORMS,
  REGIONS,
  region,
  SOURCES,
  says,
  takesBack,
} from "./support/history.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";

const day = "2024-04-01";
const release = (files: MadeFiles, title = "Deletions") => madeUp(files, day, title);

describe("the deletion of", () => {
  const portal = portalWithHistory(embedded);

  test.for<[what: string, before: MadeFiles, deletion: MadeFiles, named: string]>([
    ["a region with regions below it", {}, { "regions.csv": [deleted(REGIONS[5])] }, "region:900101"],
    [
      "a region with an agency",
      { "agencies.csv": [{ ...AGENCIES[0], region_code: "92" }] },
      { "regions.csv": [deleted(REGIONS[4])] },
      "agency:north-bureau",
    ],
    ["a region with a platform", {}, { "regions.csv": [deleted(REGIONS[4])] }, "platform:lonely-cloud"],
    [
      "a region with a complex",
      { "complexes.csv": [{ ...COMPLEXES[0], region_code: "9002" }], "observations.csv": [takesBack("9002")] },
      { "regions.csv": [deleted(REGIONS[6])] },
      "complex:port-park",
    ],
    ["a region with a series", {}, { "regions.csv": [deleted(REGIONS[10])] }, "series:data-volume/region:900101001/A"],
    [
      "a region that took another's place",
      {
        "regions.csv": [
          region("9203", "92", "PREFECTURE", "New"),
          { ...REGIONS[7], valid_to: "2024-03-31", replaced_by: "9203" },
        ],
      },
      { "regions.csv": [deleted(region("9203", "92", "PREFECTURE", "New"))] },
      "region:9101",
    ],
    ["an agency that operates a platform", {}, { "agencies.csv": [deleted(AGENCIES[1])] }, "platform:south-data"],
    [
      "an agency with a series",
      { "platforms.csv": [{ ...PLATFORMS[1], operator_agency_id: "" }] },
      { "agencies.csv": [deleted(AGENCIES[2])] },
      "series:coverage/agency:port-office/A",
    ],
    [
      "a platform with a series",
      {},
      { "platforms.csv": [deleted(PLATFORMS[3])] },
      "series:data-volume/platform:south-data/A",
    ],
    [
      "a complex with a series",
      {},
      { "complexes.csv": [deleted(COMPLEXES[0])] },
      "series:coverage/complex:port-park/A",
    ],
    [
      "a metric with a part",
      { "observations.csv": [] },
      { "metrics.csv": [deleted(METRICS[0])] },
      "metric:open-volume",
    ],
    ["a metric with a series", {}, { "metrics.csv": [deleted(METRICS[2])] }, "series:coverage/region:9101/A"],
    [
      "a source that states a region",
      { "regions.csv": [{ ...REGIONS[4], source_id: "leaflet" }] },
      { "sources.csv": [deleted(SOURCES[2])] },
      "region:92",
    ],
    [
      "a source that states an agency",
      { "agencies.csv": [{ ...AGENCIES[1], source_id: "leaflet" }] },
      { "sources.csv": [deleted(SOURCES[2])] },
      "agency:south-bureau",
    ],
    [
      "a source that states a platform",
      { "platforms.csv": [{ ...PLATFORMS[5], source_id: "leaflet" }] },
      { "sources.csv": [deleted(SOURCES[2])] },
      "platform:lonely-cloud",
    ],
    [
      "a source that states a complex",
      { "complexes.csv": [{ ...COMPLEXES[1], source_id: "leaflet" }] },
      { "sources.csv": [deleted(SOURCES[2])] },
      "complex:south-lab",
    ],
    ["a source with claims", {}, { "sources.csv": [deleted(SOURCES[1])] }, "series:data-volume/region:9001/A"],
    [
      "a source whose claims were withdrawn",
      { "observations.csv": [takesBack("9001", { source_id: "bulletin-2024" })] },
      { "sources.csv": [deleted(SOURCES[1])] },
      "series:data-volume/region:9001/A",
    ],
  ])("%s is refused by name, and nothing is written", async ([, before, deletion, named]) => {
    if (Object.values(before).some((rows) => rows.length > 0)) await portal().publish(release(before, "Before"));
    const content = await contentOf(portal());
    const writes: string[] = [];
    const watch: Intercept = (call, send) => {
      if (isWrite(call)) writes.push(call.command);
      return send();
    };
    const refusal = await portal()
      .importer(watch)
      .publish(release(deletion))
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidReleaseError);
    const { problems } = (refusal as InvalidReleaseError).report.toJSON();
    expect(problems).toMatchObject([{ code: "STILL_REFERENCED", line: 2, message: expect.stringContaining(named) }]);
    expect(writes).toEqual([]);
    expect(await contentOf(portal())).toEqual(content);
  });

  test("what many refer to names some of them and says that there are others", async () => {
    const platforms = Array.from({ length: 30 }, (_, i) =>
      platform(`cloud-${i}`, `Cloud ${i}`, "CLOUD", "92", "port-office"),
    );
    await portal().publish(
      release(
        {
          "platforms.csv": platforms,
          "observations.csv": [takesBack("agency:port-office", { metric_id: "coverage" })],
        },
        "Before",
      ),
    );
    const refusal = portal().publish(release({ "agencies.csv": [deleted(AGENCIES[2])] }));
    await expect(refusal).rejects.toThrow(
      /agency:port-office is referred to by (platform:[a-z0-9-]+, ){19}platform:[a-z0-9-]+ and others/,
    );
  });

  describe("something that one of many still refers to is refused:", () => {
    const many = Array.from({ length: 60 }, (_, i) => `cloud-${String(i).padStart(2, "0")}`);

    test("a region of which all platforms but the last go with it", async () => {
      const rows = many.map((id) => platform(id, id, "CLOUD", "9203"));
      await portal().publish(
        release({ "regions.csv": [region("9203", "92", "PREFECTURE", "New")], "platforms.csv": rows }, "Before"),
      );
      const deletion = {
        "regions.csv": [deleted(region("9203", "92", "PREFECTURE", "New"))],
        "platforms.csv": rows.slice(0, -1).map(deleted),
      };
      await expect(portal().publish(release(deletion))).rejects.toThrow(/referred to by platform:cloud-59/);
    });

    test("an agency of which all platforms but the last went before it", async () => {
      const rows = many.map((id) => platform(id, id, "CLOUD", "92", "new-office"));
      const office = { id: "new-office", name_en: "New", level: "COUNTY", region_code: "92" };
      await portal().publish(release({ "agencies.csv": [office], "platforms.csv": rows }, "Before"));
      await portal().publish(release({ "platforms.csv": rows.slice(0, -1).map(deleted) }, "Most of them"));
      await expect(portal().publish(release({ "agencies.csv": [deleted(office)] }))).rejects.toThrow(
        /referred to by platform:cloud-59/,
      );
    });

    test("a metric of which all series but the last were withdrawn", async () => {
      const rows = many.map((id) => platform(id, id, "CLOUD", "92"));
      const claims = many.map((id) => says(`platform:${id}`, "2023", "1", { metric_id: "unused" }));
      await portal().publish(release({ "platforms.csv": rows, "observations.csv": claims }, "Before"));
      const withdrawals = many.slice(0, -1).map((id) => takesBack(`platform:${id}`, { metric_id: "unused" }));
      await portal().publish(release({ "observations.csv": withdrawals }, "Most of them"));
      await expect(portal().publish(release({ "metrics.csv": [deleted(METRICS[3])] }))).rejects.toThrow(
        /series:unused\/platform:cloud-59\/A/,
      );
    });

    test("a source that many entities named before others did", async () => {
      const rows = many.slice(0, 25).map((id) => ({ ...platform(id, id, "CLOUD", "92"), source_id: "leaflet" }));
      await portal().publish(release({ "platforms.csv": rows }, "Before"));
      await portal().publish(
        release({ "platforms.csv": rows.map((row) => ({ ...row, source_id: "" })) }, "None of them any more"),
      );
      await portal().publish(
        release({ "platforms.csv": [{ ...platform("late", "Late", "CLOUD", "92"), source_id: "leaflet" }] }, "Another"),
      );
      await expect(portal().publish(release({ "sources.csv": [deleted(SOURCES[2])] }))).rejects.toThrow(
        /referred to by platform:late/,
      );
    });
  });

  test("a source with a claim is refused although many entities named it before they named another", async () => {
    const rows = Array.from({ length: 25 }, (_, i) => platform(`cloud-${i}`, `Cloud ${i}`, "CLOUD", "92"));
    const naming = (source: string) => rows.map((row) => ({ ...row, source_id: source }));
    const claim = says("92", "2022", "50", { source_id: "leaflet" });
    await portal().publish(release({ "platforms.csv": naming("leaflet"), "observations.csv": [claim] }, "Before"));
    await portal().publish(release({ "platforms.csv": naming("yearbook-2023") }, "Another source"));
    await expect(portal().publish(release({ "sources.csv": [deleted(SOURCES[2])] }))).rejects.toThrow(
      /source:leaflet is referred to by series:data-volume\/region:92\/A/,
    );
    const { data, errors } = await portal().ask(
      `{ series(metric: "data-volume", subject: "region:92") { observations(from: "2022", to: "2022") { source { id } } } }`,
    );
    expect({ data, errors }).toEqual({
      data: { series: { observations: [{ source: { id: "source:leaflet" } }] } },
      errors: [],
    });
  });

  test("a source is allowed although a publication that never came to be names it", async () => {
    const stopped = release({ "observations.csv": [says("92", "2022", "50", { source_id: "leaflet" })] }, "Stopped");
    const stopsBeforeCommit: Intercept = async (call, send) => {
      const item = call.input.Item as Record<string, { N?: string }> | undefined;
      if (item?.id && "release" in item && item.release?.N === "4") throw new CutOff("cut off");
      return send();
    };
    await expect(importerOn(portal(), { intercept: stopsBeforeCommit }).publish(stopped)).rejects.toThrow();
    const [names] = [(await itemsOf(portal(), "catalogue")).get("referrers:source:leaflet")];
    expect(names, "the publication stopped behind its note of who refers to what").toBeDefined();
    const importer = importerOn(portal(), { now: () => LATER });
    expect(await importer.publish(release({ "sources.csv": [deleted(SOURCES[2])] }))).toMatchObject({
      published: true,
    });
  });

  test("a region that moved is allowed once its series are withdrawn", async () => {
    const field = region("9002", "91", "PREFECTURE", "Northfield");
    await portal().publish(release({ "regions.csv": [field] }, "Moved"));
    await portal().publish(release({ "observations.csv": [takesBack("9002")] }, "Withdrawn"));
    expect(await portal().publish(release({ "regions.csv": [deleted(field)] }))).toMatchObject([{ published: true }]);
  });

  test("a thing together with all that refers to it is allowed", async () => {
    const rows: MadeFiles = {
      "regions.csv": [deleted(REGIONS[9]), deleted(REGIONS[8]), deleted(REGIONS[10])],
      "platforms.csv": [deleted(PLATFORMS[2])],
      "observations.csv": ["900101", "900102", "900101001"].map((code): MadeRow => takesBack(code)),
    };
    expect((await portal().publish(release(rows)))[0]).toMatchObject({ entities: { deleted: 4 } });
    const { data } = await portal().ask(
      `{ region(code: "9001") { counts { regions platforms } children { totalCount nodes { id } } } }`,
    );
    expect(data).toEqual({ region: { counts: { regions: 1, platforms: 1 }, children: { totalCount: 0, nodes: [] } } });
  });
});
