import { describe, expect, test } from "vitest";
import { platform } from "../support/made-up-world.ts";
import type { TestPortal } from "../support/portal.ts";
import { importerOn } from "../support/publishing.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";
import {
  AGENCIES,
  deleted,
  FORTH,
  METRICS,
  PLATFORMS,
  REGIONS,
  region,
  SOURCES,
  says,
  takesBack,
} from "./support/history.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";
import { stateOf, wrongTotals } from "./support/state.ts";

const release = (title: string, files: MadeFiles) => madeUp(files, FORTH, title);
const publish = (portal: TestPortal, files: ReturnType<typeof release>) => importerOn(portal).publish(files);
/** The clock stands at the day of the history's end, so that a revert of today is dated like it. */
const revert = (portal: TestPortal, number: number) =>
  importerOn(portal, { now: () => Date.parse(FORTH) }).revert(number);

describe("a revert leaves alone what a later release", () => {
  const portal = portalWithHistory(embedded);

  test.for<[what: string, first: MadeFiles, second: MadeFiles, impossible: readonly string[]]>([
    [
      "revised again",
      { "observations.csv": [says("90", "2022", "104"), says("91", "2022", "97")] },
      { "observations.csv": [says("90", "2022", "105")] },
      ["series:data-volume/region:90/A 2022: source:yearbook-2023 was revised by release 5"],
    ],
    [
      "withdrew",
      { "observations.csv": [says("90", "2022", "104"), says("91", "2022", "97")] },
      { "observations.csv": [takesBack("90", { time_period: "2022" })] },
      ["series:data-volume/region:90/A 2022: source:yearbook-2023 was revised by release 5"],
    ],
    [
      "changed again",
      {
        "platforms.csv": [
          platform("lonely-cloud", "Lonelier Cloud", "CLOUD", "92"),
          platform("south-cloud", "Southern Cloud", "CLOUD", "91"),
        ],
      },
      { "platforms.csv": [platform("lonely-cloud", "Loneliest Cloud", "CLOUD", "92")] },
      ["platform:lonely-cloud was changed again by release 5"],
    ],
    [
      "deleted",
      { "platforms.csv": [platform("new-one", "New", "CLOUD", "92"), platform("new-two", "New", "CLOUD", "92")] },
      { "platforms.csv": [deleted(platform("new-one", "", "CLOUD", ""))] },
      ["platform:new-one was changed again by release 5"],
    ],
    [
      "put something into",
      { "regions.csv": [region("9202", "92", "PREFECTURE", "New"), region("9203", "92", "PREFECTURE", "Other")] },
      {
        "regions.csv": [region("920201", "9202", "COUNTY", "Below")],
        "platforms.csv": [platform("new-one", "New", "CLOUD", "9202")],
      },
      ["region:9202 stays: region:920201, platform:new-one refers to it"],
    ],
    [
      "says something of",
      {
        "metrics.csv": [{ id: "users", name_en: "Users", unit: "{user}", topic: "use" }],
        "platforms.csv": [platform("new-one", "New", "CLOUD", "92")],
      },
      { "observations.csv": [says("platform:south-data", "2023", "1", { metric_id: "users" })] },
      ["metric:users stays: series:users/platform:south-data/A refers to it"],
    ],
    [
      "names as successor",
      { "regions.csv": [region("9202", "92", "PREFECTURE", "New"), region("9203", "92", "PREFECTURE", "Other")] },
      { "regions.csv": [{ ...REGIONS[7], valid_to: "2024-03-31", replaced_by: "9202" }] },
      ["region:9202 stays: region:9101 refers to it"],
    ],
    [
      "took the ground from under: the region of a platform",
      { "platforms.csv": [deleted(PLATFORMS[5]), platform("south-cloud", "Southern Cloud", "CLOUD", "91")] },
      {
        "platforms.csv": [
          platform("east-data", "East Data", "DATA_EXCHANGE", "91", "north-bureau"),
          platform("new-cloud", "New Cloud", "CLOUD", "91"),
        ],
        "observations.csv": [takesBack("9201")],
        "regions.csv": [deleted(region("9201", "92", "PREFECTURE", "Eastport")), deleted(REGIONS[4])],
      },
      [expect.stringMatching(/^platform:lonely-cloud stays .*region:92/)],
    ],
    [
      "took the ground from under: the operator of a platform",
      {
        "platforms.csv": [
          { ...PLATFORMS[1], operator_agency_id: "" },
          platform("south-cloud", "Southern Cloud", "CLOUD", "91"),
        ],
      },
      {
        "agencies.csv": [deleted(AGENCIES[2])],
        "observations.csv": [takesBack("agency:port-office", { metric_id: "coverage" })],
      },
      [expect.stringMatching(/^platform:port-data stays .*agency:port-office/)],
    ],
    [
      "took the ground from under: the subject of what was withdrawn",
      { "observations.csv": [takesBack("platform:south-data"), says("90", "2022", "104")] },
      { "platforms.csv": [deleted(PLATFORMS[3])] },
      [expect.stringMatching(/^series:data-volume\/platform:south-data\/A .*platform:south-data/)],
    ],
    [
      "took the ground from under: the metric of what was withdrawn",
      {
        "observations.csv": [
          ...["region:9101", "agency:port-office", "complex:port-park", "platform:new-cloud"].map((subject) =>
            takesBack(subject, { metric_id: "coverage" }),
          ),
          says("90", "2022", "104"),
        ],
      },
      { "metrics.csv": [deleted(METRICS[2])] },
      Array.from({ length: 4 }, () => expect.stringMatching(/^series:coverage\/.* .*metric:coverage/)),
    ],
    [
      "took the ground from under: the source of an entity",
      { "sources.csv": [deleted(SOURCES[2]), { id: "survey", title: "Survey" }] },
      { "sources.csv": [{ ...SOURCES[2], title: "Another leaflet" }] },
      ["source:leaflet was changed again by release 5"],
    ],
  ])("%s, and says so", async ([, first, second, impossible]) => {
    await publish(portal(), release("First", first));
    await publish(portal(), release("Second", second));
    const summary = await revert(portal(), 4);
    expect(summary).toMatchObject({ published: true, release: 6 });
    expect(summary.impossible).toEqual(impossible);
    expect(wrongTotals(await stateOf(portal()))).toEqual([]);
  });
});
