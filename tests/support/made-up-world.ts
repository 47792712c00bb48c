import { type MadeFiles, type MadeRow, madeUp } from "./releases.ts";

/**
 * A small world to publish and to change: two provinces with two cities each, two agencies, some platforms, two metrics.
 * Region codes are such that GB/T 2260 does not use them.
 */
export const regions: readonly MadeRow[] = [
  { code: "WORLD", parent_code: "", level: "WORLD", name_en: "World" },
  { code: "ZZ", parent_code: "WORLD", level: "COUNTRY", name_en: "Zedland", name_zh: "泽国" },
  { code: "90", parent_code: "ZZ", level: "PROVINCE", name_en: "North", name_zh: "北省" },
  { code: "91", parent_code: "ZZ", level: "PROVINCE", name_en: "South", name_zh: "南省" },
  { code: "9001", parent_code: "90", level: "PREFECTURE", name_en: "Northport" },
  { code: "9002", parent_code: "90", level: "PREFECTURE", name_zh: "北山" },
  { code: "9101", parent_code: "91", level: "PREFECTURE", name_en: "Southport" },
  { code: "9102", parent_code: "91", level: "PREFECTURE", name_en: "Southfield" },
];

export const agencies: readonly MadeRow[] = [
  { id: "north-bureau", name_en: "Northern Data Bureau", level: "PROVINCIAL", region_code: "90" },
  { id: "south-bureau", name_en: "Southern Data Bureau", level: "PROVINCIAL", region_code: "91" },
];

export const platforms: readonly MadeRow[] = [
  platform("north-open-data", "North Open Data", "OPEN_DATA", "90", "north-bureau"),
  platform("northport-exchange", "Northport Exchange", "DATA_EXCHANGE", "9001", "north-bureau"),
  platform("northport-open-data", "Northport Open Data", "OPEN_DATA", "9001"),
  platform("south-open-data", "South Open Data", "OPEN_DATA", "91", "south-bureau"),
  platform("southport-cloud", "Southport Cloud", "CLOUD", "9101", "south-bureau"),
];

export const metrics: readonly MadeRow[] = [
  { id: "data-volume", name_en: "Data volume", unit: "TB", topic: "data" },
  { id: "datasets", name_en: "Datasets", unit: "{dataset}", topic: "open data" },
];

export const sources: readonly MadeRow[] = [
  { id: "yearbook-2023", title: "Yearbook 2023", published_on: "2023-09-01", language: "en" },
  { id: "bulletin-2024", title: "Bulletin 2024", published_on: "2024-03-15", language: "zh" },
];

export const world: MadeFiles = {
  "regions.csv": regions,
  "agencies.csv": agencies,
  "platforms.csv": platforms,
  "metrics.csv": metrics,
  "sources.csv": sources,
  "observations.csv": [
    observation("2021", "10"),
    observation("2022", "12.50"),
    observation("2022", "12.6", { source_id: "bulletin-2024", published_on: "2024-03-15" }),
    observation("2023", "15", { obs_status: "P" }),
    observation("2030", "100", { obs_status: "T" }),
    observation("2023-09", "4000", { metric_id: "datasets", subject_type: "PLATFORM", subject_id: "north-open-data" }),
  ],
};

export const firstRelease = madeUp(world, "2024-01-01", "The world");

export function platform(id: string, name: string, kind: string, region: string, operator = ""): MadeRow {
  return { id, name_en: name, kind, region_code: region, operator_agency_id: operator };
}

/** What the yearbook says of the data volume of Zedland, unless told otherwise. */
export function observation(period: string, value: string, fields: MadeRow = {}): MadeRow {
  return {
    metric_id: "data-volume",
    subject_type: "REGION",
    subject_id: "ZZ",
    time_period: period,
    value,
    obs_status: "A",
    source_id: "yearbook-2023",
    published_on: "2023-09-01",
    ...fields,
  };
}
