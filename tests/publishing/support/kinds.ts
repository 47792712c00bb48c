import type { Publisher } from "../../../portal/releases/publish.ts";
import type { PublishOptions, PublishSummary } from "../../../portal/releases/summary.ts";
import { randomOf } from "../../support/fault-proxy.ts";
import { platform } from "../../support/made-up-world.ts";
import type { TestPortal } from "../../support/portal.ts";
import { type ImporterOptions, importerOn } from "../../support/publishing.ts";
import { type MadeFiles, type MadeRow, madeUp } from "../../support/releases.ts";
import {
  AGENCIES,
  agency,
  COMPLEXES,
  deleted,
  FORTH,
  METRICS,
  PLATFORMS,
  region,
  SOURCES,
  says,
  takesBack,
} from "./history.ts";

/** A kind of release that is put to the test on top of the history. */
export interface ReleaseKind {
  readonly name: string;
  readonly publish: (importer: Publisher, options?: PublishOptions) => Promise<PublishSummary>;
  /** What an importer needs to be told to publish it. */
  readonly importer?: ImporterOptions;
  /** What the release needs to stand on, besides the history. */
  readonly prepare?: (portal: TestPortal) => Promise<unknown>;
}

function kind(
  name: string,
  files: MadeFiles,
  options: Partial<ReleaseKind> & { publishing?: PublishOptions } = {},
): ReleaseKind {
  const release = madeUp(files, FORTH, name);
  const { publishing, ...rest } = options;
  return { name, publish: (importer, given) => importer.publish(release, { ...publishing, ...given }), ...rest };
}

export const entitiesOnly = kind("entities only", {
  "sources.csv": [{ id: "survey", title: "Survey", language: "en" }],
  "regions.csv": [region("9202", "92", "PREFECTURE", "Eastfield"), region("920201", "9202", "COUNTY", "Meadow")],
  "agencies.csv": [agency("east-bureau", "Eastern Bureau", "PROVINCIAL", "92")],
  "platforms.csv": [
    platform("meadow-data", "Meadow Data", "OPEN_DATA", "920201", "east-bureau"),
    platform("north-data", "North Data", "OPEN_DATA", "90", "port-office"),
  ],
  "complexes.csv": [{ id: "meadow-park", name_en: "Meadow Park", kind: "PILOT_ZONE", region_code: "920201" }],
  "metrics.csv": [{ id: "users", name_en: "Users", unit: "{user}", topic: "use" }],
});

export const newClaims = kind("new claims", {
  "observations.csv": [
    says("92", "2022", "50"),
    says("92", "2023-09", "5"),
    says("900102", "2022", "60", { metric_id: "open-volume" }),
    says("9002", "2022", "101", { metric_id: "coverage" }),
    says("platform:north-data", "2022", "1"),
    says("ZZ", "2030", "500", { obs_status: "T" }),
  ],
});

export const revisions = kind("revising and withdrawing claims", {
  "observations.csv": [
    says("9001", "2022", "84.5"),
    says("9001", "2022", "95", { metric_id: "open-volume" }),
    takesBack("90", { time_period: "2021", source_id: "yearbook-2023" }),
    takesBack("9001", { time_period: "2023" }),
    takesBack("9101", { metric_id: "coverage" }),
    takesBack("platform:port-data"),
    says("900101", "2022", "66", { source_id: "bulletin-2024" }),
  ],
});

export const otherKeys = kind("other index keys", {
  "sources.csv": [{ id: "leaflet", title: "A leaflet", published_on: "2023-01-01", language: "zh" }],
  "regions.csv": [
    region("9101", "91", "PREFECTURE", "Southport", { valid_to: "2024-03-31", replaced_by: "9102" }),
    region("9102", "91", "PREFECTURE", "Southport City", { valid_from: "2024-04-01" }),
  ],
  "agencies.csv": [agency("port-office", "Office of the Port", "COUNTY", "900101")],
  "platforms.csv": [
    platform("port-data", "Port Exchange", "DATA_EXCHANGE", "91", "south-bureau"),
    platform("south-data", "South Data", "OPEN_DATA", "91"),
  ],
  "complexes.csv": [{ id: "port-park", name_en: "Park", kind: "DATA_CENTRE", region_code: "92" }],
  "observations.csv": [says("platform:port-data", "2023", "14"), says("complex:port-park", "2023", "5")],
});

export const deletions = kind("deletions", {
  "sources.csv": [deleted(SOURCES[2])],
  "agencies.csv": [deleted(AGENCIES[2])],
  "platforms.csv": [deleted(PLATFORMS[1]), deleted(PLATFORMS[5])],
  "complexes.csv": [deleted(COMPLEXES[0])],
  "metrics.csv": [deleted(METRICS[3])],
  "observations.csv": [
    takesBack("platform:port-data"),
    takesBack("agency:port-office", { metric_id: "coverage" }),
    takesBack("complex:port-park", { metric_id: "coverage" }),
  ],
});

export const regionMoved = kind("a region that moves", {
  "regions.csv": [region("9001", "91", "PREFECTURE", "Northport")],
  "observations.csv": [
    says("9001", "2024", "87"),
    says("900101", "2023", "55"),
    says("900101", "2023", "56", { metric_id: "open-volume" }),
    says("platform:harbour-exchange", "2023", "6"),
  ],
});

export const undone: ReleaseKind = {
  name: "a revert",
  publish: (importer, options) => importer.revert(3, options),
};

export const spilling = kind(
  "more rows than memory holds",
  {
    "regions.csv": [region("9002", "91", "PREFECTURE", "Northfield")],
    "platforms.csv": [platform("south-cloud", "Cloud of the South", "CLOUD", "92", "south-bureau")],
    "observations.csv": [
      ...["ZZ", "90", "91", "92", "9001", "9002"].flatMap((code) =>
        ["2021", "2022", "2024"].map((period, i) => says(code, period, `${40 + i}`, { source_id: "bulletin-2024" })),
      ),
      says("9001", "2024", "90", { metric_id: "open-volume" }),
      takesBack("900102"),
    ],
  },
  { importer: { memoryRows: 4 }, publishing: { checkpointRows: 3 } },
);

/** A text that no compression makes much smaller. */
function noise(seed: number): string {
  const random = randomOf(seed);
  return Array.from({ length: 4000 }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 20_000))).join("");
}

function longRows(first: number, seed: number): MadeRow[] {
  return Array.from({ length: 32 }, (_, i) => says("92", `${first + 2 * i}`, `${i}`, { note: noise(seed + i) }));
}

/** So much about a subject, year by year from 1900, that from some forty years on it needs several items. */
export function longSeries(subject: string, years: number): MadeRow[] {
  return Array.from({ length: years }, (_, i) => says(subject, `${1900 + i}`, `${i}`, { note: noise(i) }));
}

/** Both halves of a series that fits into one item by halves only, year by year in turns. */
export const splitSeries = kind(
  "a series that splits into parts",
  { "observations.csv": longRows(1901, 100) },
  {
    prepare: (portal) =>
      importerOn(portal).publish(madeUp({ "observations.csv": longRows(1900, 0) }, "2024-03-15", "Half")),
  },
);

/** Wants of the same things something else than each of the others. */
export const rival = kind("a rival", {
  "sources.csv": [{ id: "survey", title: "The rival's survey", language: "zh" }],
  "regions.csv": [
    region("9001", "92", "PREFECTURE", "Northport"),
    region("9202", "91", "PREFECTURE", "The rival's field"),
    region("9002", "90", "PREFECTURE", "The rival's Northfield"),
  ],
  "platforms.csv": [
    platform("meadow-data", "The rival's meadow", "CLOUD", "92"),
    platform("port-data", "Port Data", "OPEN_DATA", "92", "south-bureau"),
    platform("south-data", "South Data", "CLOUD", "90"),
    platform("east-data", "East Data", "CLOUD", "91"),
  ],
  "complexes.csv": [{ id: "port-park", name_en: "Park", kind: "LABORATORY", region_code: "90" }],
  "observations.csv": [
    says("9001", "2024", "1001"),
    says("9001", "2022", "1002"),
    says("92", "2022", "1003"),
    says("900101", "2023", "1004"),
    says("platform:north-data", "2022", "1005"),
    says("platform:port-data", "2023", "1006"),
    says("9002", "2022", "1007", { metric_id: "open-volume" }),
  ],
});

export const KINDS: readonly ReleaseKind[] = [
  entitiesOnly,
  newClaims,
  revisions,
  otherKeys,
  deletions,
  regionMoved,
  undone,
  spilling,
];
