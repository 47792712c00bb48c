import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { Manifest } from "../../portal/export/manifest.ts";
import { observation, regions, sources, world } from "../support/made-up-world.ts";
import { madeUp } from "../support/releases.ts";
import { type DumpDesk, damagedFiles, filesOf, openDumpDesk } from "./support/dump-desk.ts";
import { type ReadBack, readBack } from "./support/read-back.ts";

/** As published, and as the decimal column of Parquet has it: null where 26 digits and 12 places do not hold it. */
const EXACT: readonly (readonly [text: string, decimal: string | null])[] = [
  ["0.1", "0.100000000000"],
  ["-0.25", "-0.250000000000"],
  ["7.50", "7.500000000000"],
  ["9007199254740993", "9007199254740993.000000000000"],
  ["99999999999999999999999999.999999999999", "99999999999999999999999999.999999999999"],
  ["-99999999999999999999999999.999999999999", "-99999999999999999999999999.999999999999"],
  ["100000000000000000000000000", null],
  ["0.1234567890123", null],
  ["0.1234567890120", "0.123456789012"],
  ["123456789012345678901234567890.0", null],
  ["0.00", "0.000000000000"],
];
const DECIMALS = EXACT.map(([text]) => text);

const NOTE = 'about, "nearly"\nso, \u6570\u636e';

/** A portal in which everything that a cell can be is in some cell. */
const RELEASE = madeUp({
  ...world,
  "regions.csv": [
    ...regions,
    {
      code: "9003",
      parent_code: "90",
      level: "PREFECTURE",
      name_en: "Old",
      valid_to: "2019-12",
      replaced_by: "9001 9002",
      is_aggregate: "true",
    },
  ],
  "sources.csv": [...sources, { id: "vague", title: "=1+1", published_on: "2022-05" }],
  "metrics.csv": [
    ...(world["metrics.csv"] as []),
    { id: "share", name_en: "Share", unit: "%", topic: "data", maximum: "100.0" },
  ],
  "observations.csv": [
    ...(world["observations.csv"] as []),
    ...DECIMALS.map((value, i) => observation(`${1900 + i}`, value, { subject_id: "91", source_id: "vague" })),
    observation("2020-W53", "1", { subject_id: "9001", note: NOTE }),
    observation("2024-02-29", "", { subject_id: "9001", obs_status: "Q", published_on: "2024" }),
    observation("2020-S2", "2", { subject_id: "9001" }),
    observation("2020-Q3", "3", { subject_id: "9001" }),
    observation("2021-02", "4", { subject_id: "9001" }),
  ],
});

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
beforeAll(async () => {
  engine = await startDynamoDb();
});
afterAll(() => engine.close());

describe("a dump", () => {
  let desk: DumpDesk;
  let manifest: Manifest;
  let dump: ReadBack;
  beforeAll(async () => {
    desk = await openDumpDesk(engine);
    expect(await desk.export()).toEqual({ status: "NOTHING" });
    await desk.portal.publish(RELEASE);
    expect(await desk.export()).toEqual({ status: "WRITTEN", release: 1 });
    manifest = (await desk.latest()) as Manifest;
    dump = await readBack(desk, manifest);
  });
  afterAll(async () => {
    await dump.close();
    await desk.close();
  });

  test("says what it holds, and holds it", async () => {
    expect(manifest).toMatchObject({ version: 1, release: 1, title: "Made-up release", publishedOn: "2024-01-01" });
    expect(manifest.lastChange).toBe((await desk.portal.snapshot()).head.changes);
    const rows = Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]));
    const series = { observations: 21, claims: 22 };
    expect(rows).toEqual({
      sources: 3,
      regions: 9,
      agencies: 2,
      platforms: 5,
      complexes: 0,
      metrics: 3,
      releases: 1,
      ...series,
    });
    expect(filesOf(manifest)).toHaveLength(9 * 3 + 1);
    expect(await damagedFiles(desk, manifest)).toEqual([]);
    expect(JSON.parse(String(await desk.read("dumps/1/manifest.json")))).toEqual(manifest);
  });

  test.each(["csv", "ndjson", "parquet"] as const)("as %s holds every row of every table", async (format) => {
    for (const { name, rows, columns } of manifest.tables) {
      const read = await dump.rows(name, format);
      expect(read, name).toHaveLength(rows);
      const names = columns.filter(({ derivedFrom }) => format === "parquet" || derivedFrom === undefined);
      if (read[0]) expect(Object.keys(read[0]), name).toEqual(names.map((column) => column.name));
    }
  });

  test.each(["csv", "ndjson", "parquet"] as const)("as %s keeps every digit and every letter", async (format) => {
    const observations = await dump.rows("observations", format);
    const decimals = observations.filter(({ subject_id }) => subject_id === "91");
    expect(decimals.map(({ value }) => value)).toEqual(DECIMALS);
    const port = observations.filter(({ subject_id }) => subject_id === "9001");
    expect(port.map(({ frequency, time_period, note }) => [frequency, time_period, note])).toEqual([
      ["D", "2024-02-29", null],
      ["M", "2021-02", null],
      ["Q", "2020-Q3", null],
      ["S", "2020-S2", null],
      ["W", "2020-W53", NOTE],
    ]);
    expect(port[0]).toMatchObject({ value: null, obs_status: "Q", published_on: "2024", region_code: "9001" });
    const titles = (await dump.rows("sources", format)).map(({ title }) => title);
    // A spreadsheet would calculate it: CSV says that it is text.
    expect(titles).toContain(format === "csv" ? "'=1+1" : "=1+1");
  });

  test("has the headline of each period, targets included, and every claim", async () => {
    const of2022 = (rows: readonly Record<string, unknown>[]) =>
      rows.filter(({ subject_id, time_period }) => subject_id === "ZZ" && time_period === "2022");
    const headline = { metric_id: "data-volume", subject_type: "REGION", region_code: "ZZ", value: "12.6", unit: "TB" };
    expect(of2022(await dump.rows("observations", "ndjson"))).toMatchObject([
      { ...headline, source_id: "bulletin-2024", obs_status: "A" },
    ]);
    expect(of2022(await dump.rows("claims", "ndjson"))).toMatchObject([
      { source_id: "bulletin-2024", value: "12.6", action: "M", obs_status: "A" },
      { source_id: "yearbook-2023", value: "12.50", action: "M", obs_status: "A" },
    ]);
    const targets = (await dump.rows("observations", "csv")).filter(({ obs_status }) => obs_status === "T");
    expect(targets).toMatchObject([{ time_period: "2030", value: "100" }]);
  });

  test("has types in Parquet: exact decimals, dates, instants, ids by dictionary", async () => {
    const types = await dump.query("select column_name, column_type from (describe select * from {observations})");
    expect(Object.fromEntries(types.map(({ column_name, column_type }) => [column_name, column_type]))).toMatchObject({
      ...{ value: "VARCHAR", value_decimal: "DECIMAL(38,12)", value_double: "DOUBLE", release: "BIGINT" },
      ...{ time_period: "VARCHAR", period_start: "DATE", period_end: "DATE", published_on_date: "DATE" },
    });
    const decimals = await dump.query(
      "select value_decimal::varchar as exact from {observations} where subject_id = '91'",
    );
    expect(decimals.map(({ exact }) => exact)).toEqual(EXACT.map(([, decimal]) => decimal));
    const days = await dump.query(
      "select time_period, period_start::varchar as first, period_end::varchar as last, published_on_date::varchar as published from {observations} where subject_id = '9001'",
    );
    expect(days.map((row) => Object.values(row))).toEqual([
      ["2024-02-29", "2024-02-29", "2024-02-29", null],
      ["2021-02", "2021-02-01", "2021-02-28", "2023-09-01"],
      ["2020-Q3", "2020-07-01", "2020-09-30", "2023-09-01"],
      ["2020-S2", "2020-07-01", "2020-12-31", "2023-09-01"],
      ["2020-W53", "2020-12-28", "2021-01-03", "2023-09-01"],
    ]);
    const dictionaries = await dump.query(
      "select path_in_schema as name from parquet_metadata({observations}) where encodings like '%DICTIONARY%'",
    );
    const ids = ["metric_id", "subject_id", "region_code", "source_id"];
    expect(dictionaries.map(({ name }) => name)).toEqual(expect.arrayContaining(ids));
  });

  test("answers the query of the guide", async () => {
    const guide = await readFile(join(import.meta.dirname, "../../docs/partners.md"), "utf8");
    const sql = guide.match(/```sql\n(.*?)```/s)?.[1] ?? "";
    const ours = sql
      .replace("'observations.parquet'", "{observations}")
      .replace("digital-economy-share", "data-volume");
    const rows = (await dump.query(ours)).map((row) => Object.values(row).join(" "));
    expect(rows).toContain("ZZ 2022 12.600000000000");
    expect(rows.join()).not.toContain("2030");
  });
});
