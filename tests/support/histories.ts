import fc from "fast-check";
import type { TestPortal } from "./portal.ts";
import { type MadeFiles, type MadeRow, madeUp } from "./releases.ts";

/**
 * Arbitrary histories of a portal: releases in which several sources add, revise and withdraw claims about several
 * series, while entities come, change and go. Values are canonical already, so that models can compare texts.
 */

export interface MadeRelease {
  readonly publishedOn: string;
  readonly files: MadeFiles;
}

export const METRICS: readonly MadeRow[] = [
  { id: "volume", name_en: "Volume", unit: "TB", topic: "data" },
  { id: "labelled", name_en: "Labelled volume", unit: "GB", topic: "data", part_of: "volume" },
  { id: "coverage", name_en: "Coverage", unit: "%", topic: "open data", maximum: "100" },
];

const REGIONS: readonly MadeRow[] = [
  { code: "WORLD", parent_code: "", level: "WORLD", name_en: "World" },
  { code: "ZZ", parent_code: "WORLD", level: "COUNTRY", name_en: "Zedland" },
  { code: "90", parent_code: "ZZ", level: "PROVINCE", name_en: "North" },
  { code: "91", parent_code: "ZZ", level: "PROVINCE", name_en: "South" },
  { code: "92", parent_code: "ZZ", level: "PROVINCE", name_en: "East" },
  { code: "9001", parent_code: "90", level: "PREFECTURE", name_en: "Northport" },
  { code: "9101", parent_code: "91", level: "PREFECTURE", name_en: "Southport" },
];

const PLATFORMS: readonly MadeRow[] = [
  { id: "north-data", name_en: "North Data", kind: "OPEN_DATA", region_code: "90" },
  { id: "south-data", name_en: "South Data", kind: "OPEN_DATA", region_code: "9101" },
];

export const SOURCES: readonly MadeRow[] = ["alpha", "beta", "gamma"].map((id) => ({ id, title: `Report ${id}` }));

/** Subject type and id, as observations.csv writes them. The last platform comes and goes. */
export const SUBJECTS = [
  ["REGION", "ZZ"],
  ["REGION", "90"],
  ["REGION", "91"],
  ["REGION", "92"],
  ["REGION", "9001"],
  ["PLATFORM", "north-data"],
  ["PLATFORM", "south-data"],
] as const;

/** All frequencies, a leap day, a week 53; neighbours and the same period a year before among them. */
export const PERIODS = ["2021", "2022", "2023", "2022-Q4", "2023-Q1", "2023-Q4", "2023-02", "2020-W53", "2024-02-29"];

const COMES_AND_GOES = "south-data";

/** What the first release brings: everything but claims. */
export const FRAME: MadeRelease = {
  publishedOn: "2024-01-01",
  files: {
    "regions.csv": REGIONS,
    "platforms.csv": PLATFORMS,
    "metrics.csv": METRICS,
    "sources.csv": SOURCES,
  },
};

interface ClaimStep {
  readonly metric: string;
  readonly subject: (typeof SUBJECTS)[number];
  readonly period: string;
  readonly source: string;
  readonly publishedOn: string;
  /** What is withdrawn, if anything: the claim, or all of its source, of its period, or of the series. */
  readonly withdraws: "nothing" | "claim" | "source" | "period" | "series";
  readonly status: string;
  readonly value: string;
  readonly note: string;
}

type EntityStep =
  | { readonly does: "renames"; readonly what: number; readonly name: string }
  | { readonly does: "moves"; readonly what: "platform" | "region"; readonly to: string }
  | { readonly does: "removes" | "restores" }
  | { readonly does: "adds"; readonly id: string };

interface ReleaseStep {
  readonly days: number;
  readonly claims: readonly ClaimStep[];
  readonly entities: readonly EntityStep[];
}

const VALUELESS = ["M", "O", "Q"];

const value = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.integer({ min: 90, max: 120_000 }).map(String),
  fc.tuple(fc.integer({ min: 1, max: 200 }), fc.stringMatching(/^\d{1,3}$/)).map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom("0", "0.1", "123456789012345678901234567890", "8470000000"),
);

const claimStep: fc.Arbitrary<ClaimStep> = fc.record({
  metric: fc.constantFrom(...METRICS.map(({ id = "" }) => id)),
  subject: fc.constantFrom(...SUBJECTS),
  period: fc.constantFrom(...PERIODS),
  source: fc.constantFrom(...SOURCES.map(({ id = "" }) => id)),
  publishedOn: fc.constantFrom("", "2023", "2023-06", "2024-01-15"),
  withdraws: fc.oneof(
    { weight: 12, arbitrary: fc.constant("nothing" as const) },
    { weight: 3, arbitrary: fc.constant("claim" as const) },
    { weight: 1, arbitrary: fc.constantFrom("source" as const, "period" as const, "series" as const) },
  ),
  status: fc.constantFrom("A", "A", "A", "P", "E", "F", "T", ...VALUELESS),
  value,
  note: fc.constantFrom("", "", "as printed", 'more than, "about"'),
});

const entityStep: fc.Arbitrary<EntityStep> = fc.oneof(
  fc.record({ does: fc.constant("renames" as const), what: fc.nat(4), name: fc.constantFrom("One", "Two", "三") }),
  fc.record({
    does: fc.constant("moves" as const),
    what: fc.constantFrom("platform" as const, "region" as const),
    to: fc.constantFrom("90", "91", "92"),
  }),
  fc.record({ does: fc.constantFrom("removes" as const, "restores" as const) }),
  fc.record({ does: fc.constant("adds" as const), id: fc.constantFrom("extra-one", "extra-two") }),
);

const releaseStep: fc.Arbitrary<ReleaseStep> = fc.record({
  days: fc.constantFrom(0, 1, 40),
  claims: fc.array(claimStep, { maxLength: 25, size: "max" }),
  entities: fc.array(entityStep, { maxLength: 3 }),
});

/** Histories of some releases after the frame. Some of their releases may change nothing. */
export const histories: fc.Arbitrary<MadeRelease[]> = fc
  .array(releaseStep, { minLength: 2, maxLength: 6, size: "max" })
  .map((steps) => [FRAME, ...releasesOf(steps)]);

/** A history of so many releases after the frame, each with at most so many claims: the same one for the same seed. */
export function longHistory(releases: number, claims: number, seed: number): MadeRelease[] {
  const step = releaseStep.map((each) => ({ ...each, claims: each.claims.slice(0, claims) }));
  const [steps = []] = fc.sample(fc.array(step, { minLength: releases, maxLength: releases, size: "max" }), {
    seed,
    numRuns: 1,
  });
  return [FRAME, ...releasesOf(steps)];
}

function releasesOf(steps: readonly ReleaseStep[]): MadeRelease[] {
  let day = Date.parse(FRAME.publishedOn);
  const platform = new PassingPlatform();
  return steps.map(({ days, claims, entities }) => {
    day += days * 86_400_000;
    const files = new Map<string, Map<string, MadeRow>>();
    const add = (file: string, key: string, row: MadeRow) =>
      files.set(file, (files.get(file) ?? new Map()).set(key, row));
    const platformStep = entities.map(({ does }) => does).find((does) => does === "removes" || does === "restores");
    const platformRows = platformStep ? platform.take(platformStep) : [];
    for (const [file, row] of [...platformRows, ...entities.flatMap(entityRows)]) add(file, keyOf(row), row);
    for (const row of claims.map(observationRow).filter((row) => platform.allows(row, platformStep !== undefined))) {
      add("observations.csv", keyOf(row), row);
    }
    const made = [...files].map(([file, rows]) => [file, [...rows.values()]]);
    return { publishedOn: new Date(day).toISOString().slice(0, 10), files: Object.fromEntries(made) };
  });
}

/** A platform that may be removed: its claims are withdrawn in one release, it goes in a later one, it may come back. */
class PassingPlatform {
  #state: "there" | "silent" | "gone" = "there";

  /** The rows of a step. */
  take(step: "removes" | "restores"): [string, MadeRow][] {
    const row = PLATFORMS.find(({ id }) => id === COMES_AND_GOES) as MadeRow;
    if (step === "restores") {
      this.#state = "there";
      return [["platforms.csv", row]];
    }
    if (this.#state === "there") {
      this.#state = "silent";
      return METRICS.map(({ id = "" }) => [
        "observations.csv",
        { metric_id: id, subject_type: "PLATFORM", subject_id: COMES_AND_GOES, action: "D" },
      ]);
    }
    const removes = this.#state === "silent";
    this.#state = "gone";
    return removes ? [["platforms.csv", { ...row, action: "D" }]] : [];
  }

  /** Whether a release can state something of a subject: not of the platform while it goes or is gone. */
  allows({ subject_id }: MadeRow, changing: boolean): boolean {
    return subject_id !== COMES_AND_GOES || (this.#state === "there" && !changing);
  }
}

/** What is renamed, with the columns that a row of it cannot do without. */
const RENAMED: readonly (readonly [string, MadeRow])[] = [
  ["metrics.csv", { id: "volume", unit: "TB", topic: "data" }],
  ["regions.csv", { code: "90", level: "PROVINCE", parent_code: "ZZ" }],
  ["platforms.csv", PLATFORMS[0] as MadeRow],
  ["sources.csv", { id: "alpha" }],
  ["sources.csv", { id: "beta" }],
];

function entityRows(step: EntityStep): [string, MadeRow][] {
  if (step.does === "adds") return [["sources.csv", { id: step.id, title: `Report ${step.id}` }]];
  if (step.does === "moves") return [movedRow(step.what, step.to)];
  if (step.does !== "renames") return [];
  const [file, row] = RENAMED[step.what] as (typeof RENAMED)[number];
  const id = row.id ?? row.code;
  return [[file, { ...row, [file === "sources.csv" ? "title" : "name_en"]: `${step.name} ${id}` }]];
}

function movedRow(what: "platform" | "region", to: string): [string, MadeRow] {
  if (what === "region")
    return ["regions.csv", { code: "9001", level: "PREFECTURE", name_en: "Northport", parent_code: to }];
  return ["platforms.csv", { ...(PLATFORMS[0] as MadeRow), region_code: to }];
}

function observationRow(claim: ClaimStep): MadeRow {
  const { metric, subject, period, source, withdraws, status } = claim;
  const series = { metric_id: metric, subject_type: subject[0], subject_id: subject[1] };
  const key = {
    ...series,
    ...(withdraws === "source" || withdraws === "series" ? {} : { time_period: period }),
    ...(withdraws === "period" || withdraws === "series" ? {} : { source_id: source }),
  };
  if (withdraws !== "nothing") return { ...key, action: "D" };
  const value = VALUELESS.includes(status) ? "" : claim.value;
  return { ...key, value, obs_status: status, published_on: claim.publishedOn, note: claim.note, action: "M" };
}

/** What no two rows of a file may share. */
function keyOf({ id, code, metric_id, subject_type, subject_id, time_period, source_id }: MadeRow): string {
  return [id ?? code, metric_id, subject_type, subject_id, time_period, source_id].join("|");
}

/** A history takes seconds: what is left of a run's time after a failure goes into making it smaller. */
const TIME_LIMIT_MS = 60_000;

/** Asserts a property of histories: the same ones in every run, others with `SEED=…`, more with `HISTORIES=…`. */
export function holdsForHistories<Values>(property: fc.IAsyncProperty<Values>, usual = 3): Promise<void> {
  const [seed, runs] = [Number(process.env.SEED ?? 20_141_122), Number(process.env.HISTORIES ?? usual)];
  return fc.assert(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: TIME_LIMIT_MS * Math.ceil(runs / 3),
    markInterruptAsFailure: true,
  });
}

/** Releases as they were published, with the numbers that they got; what changed nothing is left out. */
export interface Published extends MadeRelease {
  readonly number: number;
  readonly rows: readonly MadeRow[];
}

/**
 * Publishes a history release by release, each followed by a look at the portal while it is HEAD. What a release leaves
 * behind for late readers is swept away by the next: there are none, and nothing may hang on it.
 */
export async function publishHistory(
  portal: Pick<TestPortal, "importer">,
  history: readonly MadeRelease[],
  look: (release: Published) => Promise<void> = async () => undefined,
): Promise<Published[]> {
  const published: Published[] = [];
  const importer = portal.importer(undefined, { graceMs: 0 });
  for (const [i, release] of history.entries()) {
    if (Object.keys(release.files).length === 0) continue;
    // The number in the title keeps two releases with the same rows apart.
    const files = madeUp(release.files, release.publishedOn, `Release ${i + 1} of a history`);
    const summary = await importer.publish(files);
    if (!summary.published) continue;
    const rows = (release.files["observations.csv"] ?? []) as readonly MadeRow[];
    const made = { ...release, number: summary.release, rows };
    published.push(made);
    await look(made);
  }
  return published;
}
