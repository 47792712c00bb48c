import { csvOf } from "../../support/releases.ts";

export type Files = Readonly<Record<string, string>>;

export const SOURCE = { id: "yearbook", title: "Yearbook" };
export const METRIC = { id: "parks", name_en: "Parks", unit: "{park}", topic: "environment" };
export const CHINA = { code: "CN", parent_code: "WORLD", level: "COUNTRY", name_en: "China" };
const WORLD = { code: "WORLD", parent_code: "", level: "WORLD", name_en: "World" };

/** The parks of China in a year, with everything that the row refers to. */
export function parksOf(year: number, value = `${year}`, publishedOn = "2024-01-01"): Files {
  return {
    "release.json": JSON.stringify({ title: `Parks of ${year}`, publisher: "Tests", publishedOn }),
    "sources.csv": csvOf([SOURCE]),
    "regions.csv": csvOf([WORLD, CHINA]),
    "metrics.csv": csvOf([METRIC]),
    "observations.csv": csvOf([observation({ time_period: `${year}`, value })]),
  };
}

/** As many rows as make a publication set checkpoints, in as few series as make it quick. */
export function longRelease(rows: number): Files {
  const days = Array.from({ length: 1000 }, (_, i) => new Date(Date.UTC(2001, 0, 1 + i)).toISOString().slice(0, 10));
  const regions = Array.from({ length: Math.ceil(rows / days.length) }, (_, i) => ({
    code: `${110_000 + i}`,
    parent_code: "CN",
    level: "COUNTY",
    name_en: `County ${i}`,
  }));
  const lines = regions.flatMap(({ code }, i) => days.map((day, j) => `parks,REGION,${code},${day},${i + j},yearbook`));
  return {
    ...parksOf(2000),
    "regions.csv": csvOf([WORLD, CHINA, ...regions]),
    "observations.csv": [
      "metric_id,subject_type,subject_id,time_period,value,source_id",
      ...lines.slice(0, rows),
      "",
    ].join("\n"),
  };
}

function observation(cells: Readonly<Record<string, string>>) {
  return { metric_id: "parks", subject_type: "REGION", subject_id: "CN", source_id: "yearbook", ...cells };
}
