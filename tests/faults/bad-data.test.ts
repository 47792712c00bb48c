import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPortal } from "../../local/portal.ts";
import { StartError } from "../../local/start-error.ts";
import { InvalidReleaseError, type Problem } from "../../portal/releases/problems.ts";
import { RELEASES } from "../support/curated.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { isWrite } from "../support/gates.ts";
import { firstRelease, observation, platform } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { csvOf, type MadeFiles, type MadeRow, madeUp, releaseOf } from "../support/releases.ts";

type Place = readonly [file: string, line: number, column: string, code: string];

const place = ({ file, line, column, code }: Problem): Place => [file, line, column, code];
const good = platform("good", "Good", "CLOUD", "90");

describe("a release that does not hold together", () => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    const [dynalite] = engines;
    if (!dynalite) throw new Error("the embedded engine is always there");
    engine = await dynalite.start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  /** The report of a publication that has to fail without a single write. */
  async function reportOf(files: ReturnType<typeof madeUp>): Promise<readonly Problem[]> {
    const writes: string[] = [];
    const importer = portal.importer((call, send) => {
      if (isWrite(call)) writes.push(call.command);
      return send();
    });
    const error = await importer.publish(files).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidReleaseError);
    expect(error).toMatchObject({ code: "INVALID_RELEASE", origin: files.origin });
    expect(writes).toEqual([]);
    const { problems } = (error as InvalidReleaseError).report;
    for (const { message } of problems) expect(message).toMatch(/\w/);
    return problems;
  }

  const placesOf = async (files: MadeFiles) => (await reportOf(madeUp(files, "2024-02-01"))).map(place);

  /** One row, in line 3 behind a good one. */
  const platformRow = (row: MadeRow): MadeFiles => ({ "platforms.csv": [good, { ...good, id: "bad", ...row }] });
  const observationRow = (row: MadeRow): MadeFiles => ({
    "observations.csv": [observation("2019", "1"), { ...observation("2020", "2"), ...row }],
  });

  test.for<[string, MadeFiles, Place]>([
    [
      "an unknown column",
      { "platforms.csv": [{ ...good, colour: "red" }] },
      ["platforms.csv", 1, "colour", "UNKNOWN_COLUMN"],
    ],
    [
      "a missing column",
      { "platforms.csv": [{ id: "good", name_en: "Good" }] },
      ["platforms.csv", 1, "kind", "MISSING_COLUMN"],
    ],
    ["a column twice", { "sources.csv": "id,title,title\na,A,A\n" }, ["sources.csv", 1, "title", "DUPLICATE_COLUMN"]],
    ["a row with a cell too few", { "sources.csv": "id,title\na\n" }, ["sources.csv", 2, "", "BROKEN_ROW"]],
    ["a quote that is never closed", { "sources.csv": 'id,title\na,"A\n' }, ["sources.csv", 2, "", "BROKEN_ROW"]],
    ["an unknown file", { "platform.csv": [good] }, ["platform.csv", 0, "", "UNKNOWN_FILE"]],
    ["an empty file", { "platforms.csv": "" }, ["platforms.csv", 1, "id", "MISSING_COLUMN"]],
    ["a header and nothing else", { "sources.csv": "id,title\n" }, ["release.json", 0, "", "EMPTY_RELEASE"]],
    ["no file of rows", {}, ["release.json", 0, "", "EMPTY_RELEASE"]],
  ])("names file, line and column of %s", async ([, files, expected]) => {
    expect(await placesOf(files)).toContainEqual(expected);
  });

  test.for<[string, MadeRow, string, string]>([
    ["an id that is none", { id: "Not An Id" }, "id", "INVALID_VALUE"],
    ["no id", { id: "" }, "id", "MISSING_VALUE"],
    ["no kind", { kind: "" }, "kind", "MISSING_VALUE"],
    ["an unknown kind", { kind: "PORTAL" }, "kind", "INVALID_VALUE"],
    ["no name in either language", { name_en: "" }, "name_en", "MISSING_VALUE"],
    ["a name that is too long", { name_en: "x".repeat(301) }, "name_en", "TOO_LONG"],
    ["a control character", { name_en: "a\u0000b" }, "name_en", "INVALID_VALUE"],
    ["a region that there is not", { region_code: "9999" }, "region_code", "UNKNOWN_REFERENCE"],
    ["a region code that is none", { region_code: "north" }, "region_code", "INVALID_VALUE"],
    ["an operator that there is not", { operator_agency_id: "nobody" }, "operator_agency_id", "UNKNOWN_REFERENCE"],
    ["a source that there is not", { source_id: "hearsay" }, "source_id", "UNKNOWN_REFERENCE"],
    ["a day that there never was", { launched_on: "2023-02-29" }, "launched_on", "INVALID_VALUE"],
    ["an address that is none", { url: "data.example" }, "url", "INVALID_VALUE"],
    ["an address in two lines", { url: "https://data.example/a\nb" }, "url", "INVALID_VALUE"],
    ["an address of a script", { url: "javascript:alert(1)" }, "url", "INVALID_VALUE"],
    ["a note that is too long", { note: "x".repeat(4001) }, "note", "TOO_LONG"],
    ["an unknown action", { action: "X" }, "action", "INVALID_VALUE"],
    ["the id of another row", { id: "good" }, "id", "DUPLICATE_ROW"],
  ])("names line and column of a platform with %s", async ([, row, column, code]) => {
    expect(await placesOf(platformRow(row))).toEqual([["platforms.csv", 3, column, code]]);
  });

  test.for<[string, MadeRow, string, string]>([
    ["a value that is no number", { value: "1,000" }, "value", "INVALID_VALUE"],
    ["a value of too many digits", { value: "1".repeat(101) }, "value", "INVALID_VALUE"],
    ["no value and no reason", { value: "" }, "value", "MISSING_VALUE"],
    ["a value and a reason for none", { obs_status: "Q" }, "obs_status", "INVALID_VALUE"],
    ["an unknown status", { obs_status: "FINAL" }, "obs_status", "INVALID_VALUE"],
    ["a status that JavaScript knows", { obs_status: "constructor" }, "obs_status", "INVALID_VALUE"],
    ["a period that there never was", { time_period: "2020-Q5" }, "time_period", "INVALID_VALUE"],
    ["no period", { time_period: "" }, "time_period", "MISSING_VALUE"],
    ["a period and source that were there", { time_period: "2019" }, "time_period", "DUPLICATE_ROW"],
    ["the same period in another form", { time_period: "2019-A1" }, "time_period", "DUPLICATE_ROW"],
    ["a metric that there is not", { metric_id: "happiness" }, "metric_id", "UNKNOWN_REFERENCE"],
    ["a metric id that is none", { metric_id: "Data volume" }, "metric_id", "INVALID_VALUE"],
    ["a subject that there is not", { subject_id: "99" }, "subject_id", "UNKNOWN_REFERENCE"],
    ["a subject id of another kind", { subject_type: "PLATFORM" }, "subject_id", "INVALID_VALUE"],
    ["an unknown kind of subject", { subject_type: "METRIC" }, "subject_type", "INVALID_VALUE"],
    ["a source that there is not", { source_id: "hearsay" }, "source_id", "UNKNOWN_REFERENCE"],
    ["no source", { source_id: "" }, "source_id", "MISSING_VALUE"],
    ["a day that there never was", { published_on: "2023-13" }, "published_on", "INVALID_VALUE"],
  ])("names line and column of an observation with %s", async ([, row, column, code]) => {
    expect(await placesOf(observationRow(row))).toEqual([["observations.csv", 3, column, code]]);
  });

  test.for<[string, string, readonly MadeRow[], readonly Place[]]>([
    [
      "a region in itself",
      "regions.csv",
      [
        { code: "92", parent_code: "93", level: "PROVINCE", name_en: "A" },
        { code: "93", parent_code: "92", level: "PROVINCE", name_en: "B" },
      ],
      [["regions.csv", 2, "parent_code", "INVALID_VALUE"]],
    ],
    [
      "a province in a prefecture",
      "regions.csv",
      [{ code: "92", parent_code: "9001", level: "PROVINCE", name_en: "A" }],
      [["regions.csv", 2, "level", "INVALID_VALUE"]],
    ],
    [
      "a region without a parent",
      "regions.csv",
      [{ code: "92", parent_code: "", level: "PROVINCE", name_en: "A" }],
      [["regions.csv", 2, "parent_code", "INVALID_VALUE"]],
    ],
    [
      "a region that ended before it began",
      "regions.csv",
      [{ code: "92", parent_code: "ZZ", level: "PROVINCE", name_en: "A", valid_from: "2020", valid_to: "2019" }],
      [["regions.csv", 2, "valid_to", "INVALID_VALUE"]],
    ],
    [
      "a region of a file that has no parents",
      "regions.csv",
      [{ code: "92", level: "PROVINCE", name_en: "A" }],
      [["regions.csv", 2, "parent_code", "INVALID_VALUE"]],
    ],
    [
      "a region that ends before it began, as far as both dates are known",
      "regions.csv",
      [
        { code: "92", parent_code: "ZZ", level: "PROVINCE", name_en: "A", valid_from: "2020-03", valid_to: "2020" },
        { code: "93", parent_code: "ZZ", level: "PROVINCE", name_en: "B", valid_from: "2020-03", valid_to: "2020-02" },
      ],
      [["regions.csv", 3, "valid_to", "INVALID_VALUE"]],
    ],
    [
      "an ISO 3166 code that is none",
      "regions.csv",
      [{ code: "92", parent_code: "ZZ", level: "PROVINCE", name_en: "A", iso3166: "hello world" }],
      [["regions.csv", 2, "iso3166", "INVALID_VALUE"]],
    ],
    [
      "a region that replaces itself",
      "regions.csv",
      [{ code: "92", parent_code: "ZZ", level: "PROVINCE", name_en: "A", replaced_by: "92" }],
      [["regions.csv", 2, "replaced_by", "INVALID_VALUE"]],
    ],
    [
      "a metric that is part of itself",
      "metrics.csv",
      [{ id: "part", name_en: "Part", unit: "TB", topic: "data", part_of: "part" }],
      [["metrics.csv", 2, "part_of", "INVALID_VALUE"]],
    ],
    [
      "a unit that is none",
      "metrics.csv",
      [{ id: "part", name_en: "Part", unit: "not a unit ☃☃", topic: "data" }],
      [["metrics.csv", 2, "unit", "INVALID_VALUE"]],
    ],
    [
      "a metric that changes its unit",
      "metrics.csv",
      [{ id: "data-volume", name_en: "Data volume", unit: "PB", topic: "data" }],
      [["metrics.csv", 2, "unit", "CANNOT_CHANGE"]],
    ],
    [
      "a metric that is part of none",
      "metrics.csv",
      [{ id: "part", name_en: "Part", unit: "TB", topic: "data", part_of: "the-whole" }],
      [["metrics.csv", 2, "part_of", "UNKNOWN_REFERENCE"]],
    ],
  ])("finds %s", async ([, file, rows, places]) => {
    const found = await placesOf({ [file]: rows });
    for (const expected of places) expect(found).toContainEqual(expected);
  });

  test("finds a reference to what the same release deletes", async () => {
    const files = {
      "platforms.csv": [
        { ...platform("southport-cloud", "", "CLOUD", ""), action: "D" },
        platform("north-open-data", "North Open Data", "OPEN_DATA", "90", "north-bureau"),
      ],
      "observations.csv": [observation("2020", "1", { subject_type: "PLATFORM", subject_id: "southport-cloud" })],
    };
    expect(await placesOf(files)).toEqual([["observations.csv", 2, "subject_id", "UNKNOWN_REFERENCE"]]);
  });

  test("finds bytes that are not UTF-8", async () => {
    const latin1 = Buffer.concat([Buffer.from("id,title\ngood,Good\nbad,Caf"), Buffer.from([0xe9, 0x0a])]);
    expect(await placesOf({ "sources.csv": latin1 })).toEqual([["sources.csv", 3, "title", "INVALID_VALUE"]]);
  });

  test("is reported whole: every problem of every file at once", async () => {
    const files = {
      ...platformRow({ kind: "PORTAL", launched_on: "soon" }),
      ...observationRow({ value: "x" }),
      "extra.txt": "",
    };
    expect(await placesOf(files)).toEqual([
      ["extra.txt", 0, "", "UNKNOWN_FILE"],
      ["platforms.csv", 3, "kind", "INVALID_VALUE"],
      ["platforms.csv", 3, "launched_on", "INVALID_VALUE"],
      ["observations.csv", 3, "value", "INVALID_VALUE"],
    ]);
  });

  test("with a broken manifest is reported with its field, beside the rows", async () => {
    const manifest = JSON.stringify({ title: "Bad", publisher: "Tests", publishedOn: "yesterday" });
    const problems = await reportOf(releaseOf({ "release.json": manifest, ...platformRow({ kind: "PORTAL" }) }));
    expect(problems.map(place)).toEqual([
      ["release.json", 0, "publishedOn", "MANIFEST_INVALID"],
      ["platforms.csv", 3, "kind", "INVALID_VALUE"],
    ]);
  });

  test("with thousands of problems spells out the first thousand and counts the rest", async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => observation(`${1000 + i}`, "none"));
    const error = await portal
      .importer()
      .publish(madeUp({ "observations.csv": rows }, "2024-02-01"))
      .catch((e: unknown) => e);
    const { report } = error as InvalidReleaseError;
    expect([report.problems.length, report.total]).toEqual([1000, 2500]);
    expect(report.toString()).toMatch(/… and 1500 more; in all: INVALID_VALUE 2500$/);
  });

  test("leaves the portal as it was, ready for the corrected files", async () => {
    await reportOf(madeUp(platformRow({ kind: "PORTAL" }), "2024-02-01"));
    expect((await portal.snapshot()).head).toMatchObject({ release: 1, voids: [] });
    expect(await portal.publish(madeUp(platformRow({ kind: "CLOUD" }), "2024-02-01"))).toMatchObject([{ release: 2 }]);
  });
});

describe("npm start with a broken release", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gazetteer-bad-data-"));
    await cp(join(RELEASES, "0002-2014-q2"), join(folder, "0001-good"), { recursive: true });
    await mkdir(join(folder, "0002-bad"));
    const manifest = { title: "Bad", publisher: "Tests", publishedOn: "2024-02-01" };
    await writeFile(join(folder, "0002-bad", "release.json"), JSON.stringify(manifest));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("stops and names folder, file, line, column and reason", async () => {
    const regions = [
      { code: "WORLD", parent_code: "", level: "WORLD", name_en: "World" },
      { code: "52", parent_code: "WORLD", level: "PROVINCE", name_en: "Guizhou" },
    ];
    await writeFile(join(folder, "0001-good", "regions.csv"), csvOf(regions));
    await writeFile(join(folder, "0002-bad", "platforms.csv"), csvOf([platform("bad", "Bad", "PORTAL", "52")]));
    const error = await startPortal({ port: 0, releases: folder }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidReleaseError);
    expect(error).toMatchObject({ origin: join(folder, "0002-bad") });
    expect((error as InvalidReleaseError).message).toMatch(
      /platforms\.csv:2:kind: INVALID_VALUE: one of OPEN_DATA, .* \("PORTAL"\)/,
    );
  });

  test("or with none at all says where it looked", async () => {
    const nowhere = join(folder, "nowhere");
    const error = await startPortal({ port: 0, releases: nowhere }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).message).toBe(`the releases cannot be read from ${nowhere}`);
  });
});
