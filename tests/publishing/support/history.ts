import { observation as annual, platform } from "../../support/made-up-world.ts";
import type { TestPortal } from "../../support/portal.ts";
import { importerOn } from "../../support/publishing.ts";
import { type MadeFiles, type MadeRow, madeUp } from "../../support/releases.ts";

/** A country down to a township, with everything that can lie in it and something of everything said about it. */
export const REGIONS: readonly MadeRow[] = [
  region("WORLD", "", "WORLD", "World"),
  region("ZZ", "WORLD", "COUNTRY", "Zedland"),
  region("90", "ZZ", "PROVINCE", "North"),
  region("91", "ZZ", "PROVINCE", "South"),
  region("92", "ZZ", "PROVINCE", "East"),
  region("9001", "90", "PREFECTURE", "Northport"),
  region("9002", "90", "PREFECTURE", "Northfield"),
  region("9101", "91", "PREFECTURE", "Southport"),
  region("900101", "9001", "COUNTY", "Harbour"),
  region("900102", "9001", "COUNTY", "Uptown"),
  region("900101001", "900101", "TOWNSHIP", "Quay"),
];

export const AGENCIES: readonly MadeRow[] = [
  agency("north-bureau", "Northern Bureau", "PROVINCIAL", "90"),
  agency("south-bureau", "Southern Bureau", "PROVINCIAL", "91"),
  agency("port-office", "Port Office", "PREFECTURE", "9001"),
];

export const PLATFORMS: readonly MadeRow[] = [
  platform("north-data", "North Data", "OPEN_DATA", "90", "north-bureau"),
  platform("port-data", "Port Data", "OPEN_DATA", "9001", "port-office"),
  platform("harbour-exchange", "Harbour Exchange", "DATA_EXCHANGE", "900101", "north-bureau"),
  platform("south-data", "South Data", "OPEN_DATA", "91", "south-bureau"),
  platform("south-cloud", "South Cloud", "CLOUD", "9101", "south-bureau"),
  platform("lonely-cloud", "Lonely Cloud", "CLOUD", "92"),
];

export const COMPLEXES: readonly MadeRow[] = [
  { id: "port-park", name_en: "Port Park", kind: "INDUSTRIAL_PARK", region_code: "9001" },
  { id: "south-lab", name_en: "South Laboratory", kind: "LABORATORY", region_code: "91" },
];

export const METRICS: readonly MadeRow[] = [
  { id: "data-volume", name_en: "Data volume", unit: "TB", topic: "data" },
  { id: "open-volume", name_en: "Open data volume", unit: "TB", topic: "open data", part_of: "data-volume" },
  { id: "coverage", name_en: "Coverage", unit: "%", topic: "open data", maximum: "100" },
  { id: "unused", name_en: "Unused", unit: "TB", topic: "data" },
];

export const SOURCES: readonly MadeRow[] = [
  { id: "yearbook-2023", title: "Yearbook 2023", published_on: "2023-09-01", language: "en" },
  { id: "bulletin-2024", title: "Bulletin 2024", published_on: "2024-03-15", language: "zh" },
  { id: "leaflet", title: "Leaflet", published_on: "2023-01-01", language: "en" },
];

export function region(code: string, parent: string, level: string, name: string, rest: MadeRow = {}): MadeRow {
  return { code, parent_code: parent, level, name_en: name, ...rest };
}

export function agency(id: string, name: string, level: string, regionCode: string): MadeRow {
  return { id, name_en: name, level, region_code: regionCode };
}

/** A claim of the yearbook about a region, or about another subject: `platform:south-data`. */
export function says(subject: string, period: string, value: string, fields: MadeRow = {}): MadeRow {
  return annual(period, value, { ...subjectCells(subject), ...fields });
}

/** Takes back what a source, or every source, said of a period, or of every period. */
export function takesBack(subject: string, fields: MadeRow = {}): MadeRow {
  return { metric_id: "data-volume", ...subjectCells(subject), ...fields, action: "D" };
}

export function deleted(row: MadeRow | undefined): MadeRow {
  return { ...row, action: "D" };
}

function subjectCells(subject: string): MadeRow {
  const [type, id] = subject.includes(":") ? subject.split(":") : ["region", subject];
  return { subject_type: (type ?? "").toUpperCase(), subject_id: id ?? "" };
}

/** Two releases that every test of this kind begins with; the second leaves something behind for the next to sweep. */
const FRAME: MadeFiles = {
  "sources.csv": SOURCES,
  "regions.csv": REGIONS,
  "agencies.csv": AGENCIES,
  "platforms.csv": PLATFORMS,
  "complexes.csv": COMPLEXES,
  "metrics.csv": METRICS,
  "observations.csv": [
    ...["ZZ", "90", "91", "9001", "9002", "9101", "900101", "900102", "900101001"].flatMap((code, i) => [
      says(code, "2021", `${100 - 7 * i}`),
      says(code, "2022", `${110 - 7 * i}`),
    ]),
    says("9001", "2022", "80.5", { source_id: "bulletin-2024", published_on: "2024-03-15" }),
    says("9001", "2022", "90", { metric_id: "open-volume" }),
    says("9001", "2022-09", "7"),
    says("9101", "2022", "99", { metric_id: "coverage" }),
    says("platform:port-data", "2022", "12"),
    says("platform:south-data", "2022", "13"),
    says("agency:port-office", "2022", "3", { metric_id: "coverage" }),
    says("complex:port-park", "2022", "4", { metric_id: "coverage" }),
  ],
};

const SECOND: MadeFiles = {
  "platforms.csv": [
    platform("south-cloud", "Cloud of the South", "CLOUD", "91", "south-bureau"),
    platform("east-data", "East Data", "OPEN_DATA", "92"),
    platform("passing-cloud", "Passing Cloud", "CLOUD", "92"),
  ],
  "observations.csv": [
    says("9001", "2022", "85"),
    says("9001", "2023", "86", { obs_status: "P" }),
    takesBack("91", { time_period: "2021", source_id: "yearbook-2023" }),
    says("platform:east-data", "2023", "5"),
  ],
};

/** What the third release does is what `undone` undoes; it also moves something, for the next release to sweep. */
const THIRD: MadeFiles = {
  "regions.csv": [region("9201", "92", "PREFECTURE", "Eastport")],
  "platforms.csv": [
    platform("east-data", "East Data", "DATA_EXCHANGE", "9201", "north-bureau"),
    platform("new-cloud", "New Cloud", "CLOUD", "9201"),
    deleted(platform("passing-cloud", "", "CLOUD", "")),
  ],
  "observations.csv": [
    says("9002", "2022", "70"),
    says("9002", "2023", "71"),
    takesBack("9101", { time_period: "2021", source_id: "yearbook-2023" }),
    says("9201", "2023", "8"),
    says("platform:new-cloud", "2023", "2", { metric_id: "coverage" }),
  ],
};

export const HISTORY_FILES: readonly MadeFiles[] = [FRAME, SECOND, THIRD];

export const HISTORY = HISTORY_FILES.map((files, i) => madeUp(files, `2024-0${i + 1}-01`, `Release ${i + 1}`));

export async function publishHistory(portal: TestPortal): Promise<void> {
  for (const files of HISTORY) await importerOn(portal).publish(files);
}

/** The day of what comes after the history. */
export const FORTH = "2024-04-01";
