import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import JSONstat from "jsonstat-toolkit";
import { describe, expect, test } from "vitest";
import { CSV_COLUMNS, harmless, plainText } from "../../portal/formats/csv.ts";
import { type Dataset, MAX_DOCUMENT_ROWS, type RowFormat, writeRows } from "../../portal/formats/dataset.ts";
import { DOCUMENT_FORMATS, ROW_FORMATS } from "../../portal/formats/formats.ts";
import { SDMX_CSV_COLUMNS } from "../../portal/formats/sdmx-csv.ts";
import type { ObservationRow, ObservedSeries } from "../../portal/observations/rows.ts";
import { canonicalDecimal } from "../../portal/series/decimal.ts";
import { holds } from "../support/properties.ts";
import { parseExactly, readSdmxJson, type SdmxMessage, sdmxOf } from "./support/readers.ts";
import { sdmxJsonMessage } from "./support/sdmx-json-schema.ts";

/** Cases of each property: they are dear, and many rows are in one. */
const check = <Values>(property: fc.IProperty<Values>) => holds(property, 60);

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
addFormats.default(ajv);
const isSdmxJson = ajv.compile(sdmxJsonMessage);

const dataset: Dataset = {
  metric: { id: "data-volume", nameEn: "Data volume", nameZh: "数据量", unit: "{数据集}" },
  release: 12,
  releasedAt: "2024-03-15T08:30:00.000Z",
  isUpdate: false,
};

/** Decimals as sources print them: long ones, negative ones, zeros at both ends. */
const decimals = fc
  .tuple(fc.constantFrom("", "-"), fc.stringMatching(/^\d{1,40}$/), fc.stringMatching(/^(\.\d{1,40})?$/))
  .map((parts) => canonicalDecimal(parts.join("")) as string);
/** Notes as people write them, and as somebody would who wants to break a reader. */
const notes = fc.oneof(
  fc.constantFrom("", "=1+1", "'=1", "-", "＝cmd", '"quoted", and\r\nbroken', "#N/A", "null", " spaced ", "𠀀\u2028"),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);
const subjects = fc.constantFrom(
  ["region:52", "52"],
  ["region:US-CA", "US-CA"],
  ["platform:north-open-data", "5201"],
  ["agency:everywhere", ""],
) as fc.Arbitrary<[ObservedSeries["subject"], string]>;
const periods = fc.constantFrom(["A", "2020"], ["A", "0001"], ["Q", "2020-Q3"], ["M", "2020-09"], ["W", "2020-W53"]);

const statedRows = fc
  .record({ subject: subjects, period: periods, value: fc.option(decimals), note: notes, release: fc.nat(99) })
  .map(({ subject: [subject, region], period: [frequency, timePeriod], value, note, release }) => ({
    series: { metric: dataset.metric.id, subject, region, frequency, unit: dataset.metric.unit },
    action: "M",
    timePeriod,
    value,
    status: value === null ? "O" : "P",
    source: "bulletin-2024",
    publishedOn: "2024-03",
    release,
    note,
  })) as fc.Arbitrary<ObservationRow>;

const manyRows = fc.uniqueArray(statedRows, {
  maxLength: 30,
  selector: ({ series, timePeriod }) => `${series.subject} ${timePeriod}`,
});
const deletedRows = statedRows.map((row) => ({ ...row, action: "D", value: null, status: null, note: "" }) as const);

const [stated] = fc.sample(statedRows, { numRuns: 1, seed: 7 }) as [ObservationRow];
const deleted: ObservationRow = { ...stated, action: "D", value: null, status: null, note: "" };

const textOf = ({ header, lines }: RowFormat, rows: readonly ObservationRow[], isUpdate = false) =>
  header + lines(rows, { isUpdate });

/** As strict as csv-parse is: every row as long as the header, quotes where RFC 4180 wants them, nothing trimmed. */
const readCsv = (text: string) => parse(text, { columns: true, record_delimiter: "\n" }) as Record<string, string>[];

describe("CSV", () => {
  test("read back by a strict parser is what was written", () => {
    check(
      fc.property(fc.array(fc.oneof(statedRows, deletedRows), { maxLength: 20 }), (rows) => {
        const read = readCsv(textOf(ROW_FORMATS.csv, rows));
        expect(
          read.map(({ value, obs_status, unit = "", note = "", ...rest }) => ({
            ...rest,
            value: value || null,
            status: obs_status || null,
            unit: plainText(unit),
            note: plainText(note),
          })),
        ).toEqual(
          rows.map((row) => ({
            metric_id: row.series.metric,
            subject_type: row.series.subject.split(":")[0]?.toUpperCase(),
            subject_id: row.series.subject.split(":")[1],
            region_code: row.series.region,
            frequency: row.series.frequency,
            time_period: row.timePeriod,
            value: row.value,
            status: row.status,
            unit: row.series.unit,
            source_id: row.source,
            published_on: row.publishedOn,
            release: String(row.release),
            note: row.note,
            action: row.action,
          })),
        );
      }),
    );
  });

  test("has the columns in their order, without any row too", () => {
    expect(textOf(ROW_FORMATS.csv, [])).toBe(`${CSV_COLUMNS.join(",")}\n`);
  });

  test("has no cell that a spreadsheet would calculate", () => {
    const formulas = ["=1+1", "+1", "-1+cmd|'/c calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''@x"];
    const rows = formulas.map((note) => ({ ...stated, note, value: "-5.2" }));
    for (const format of [ROW_FORMATS.csv, ROW_FORMATS["sdmx-csv"]]) {
      for (const [index, record] of readCsv(textOf(format, rows)).entries()) {
        for (const cell of Object.values(record)) expect(cell).toMatch(/^(?![=+@\t\r＝＋－＠]|-(?!\d))/);
        expect(plainText(String(record.note ?? record.COMMENT_OBS))).toBe(formulas[index]);
      }
    }
  });

  test("leaves every other text alone", () => {
    check(
      fc.property(notes, (note) => {
        expect(plainText(harmless(note))).toBe(note);
      }),
    );
    expect(["", "a=b", "'quoted'", "5 % of all"].map(harmless)).toEqual(["", "a=b", "'quoted'", "5 % of all"]);
  });
});

describe("NDJSON", () => {
  test("is one object a line, values as texts", () => {
    check(
      fc.property(manyRows, (rows) => {
        const lines = textOf(ROW_FORMATS.ndjson, rows).split("\n");
        expect(lines.pop()).toBe("");
        expect(lines.map((line) => JSON.parse(line))).toEqual(
          rows.map(({ series: { metric, region, ...series }, source, note, ...row }) => ({
            ...series,
            ...row,
            metric: `metric:${metric}`,
            region: region ? `region:${region}` : null,
            source: `source:${source}`,
            note: note || null,
          })),
        );
      }),
    );
  });
});

describe("SDMX-CSV 2.0", () => {
  const ACTIONS: Readonly<Record<string, string>> = { I: "Information", R: "Replace", D: "Delete" };

  test("has the columns of the standard first, then dimensions, measure, attributes", () => {
    expect(SDMX_CSV_COLUMNS.slice(0, 3)).toEqual(["STRUCTURE", "STRUCTURE_ID", "ACTION"]);
    expect(SDMX_CSV_COLUMNS.slice(3, 9)).toEqual([
      "FREQ",
      "INDICATOR",
      "REF_AREA",
      "SUBJECT_TYPE",
      "SUBJECT",
      "TIME_PERIOD",
    ]);
    expect(SDMX_CSV_COLUMNS.slice(9)).toEqual([
      "OBS_VALUE",
      "OBS_STATUS",
      "UNIT_MEASURE",
      "SOURCE",
      "RELEASE",
      "COMMENT_OBS",
    ]);
  });

  test("read back says the same, to the last digit", () => {
    check(
      fc.property(fc.array(fc.oneof(statedRows, deletedRows), { maxLength: 20 }), fc.boolean(), (rows, isUpdate) => {
        const read = readCsv(textOf(ROW_FORMATS["sdmx-csv"], rows, isUpdate)).map(
          ({ STRUCTURE, STRUCTURE_ID = "", ACTION = "", ...components }) => {
            expect(STRUCTURE).toBe("dataflow");
            // AGENCY:ARTEFACT_ID(VERSION)
            expect(STRUCTURE_ID).toMatch(/^[A-Z]+:[A-Z]+\(\d+\.\d+\.\d+\)$/);
            const { OBS_VALUE, OBS_STATUS, UNIT_MEASURE = "", SOURCE, RELEASE, COMMENT_OBS = "", ...key } = components;
            // An empty dimension of a deletion would stand for all its values.
            expect(Object.values(key)).not.toContain("");
            if (ACTION === "D") {
              expect([OBS_VALUE, OBS_STATUS, UNIT_MEASURE, SOURCE, RELEASE, COMMENT_OBS].join("")).toBe("");
              return { action: ACTIONS[ACTION], ...key };
            }
            return {
              action: ACTIONS[ACTION],
              ...key,
              OBS_VALUE: OBS_VALUE || null,
              OBS_STATUS,
              UNIT_MEASURE: plainText(UNIT_MEASURE),
              SOURCE,
              RELEASE: Number(RELEASE),
              COMMENT_OBS: plainText(COMMENT_OBS) || null,
            };
          },
        );
        expect(read).toEqual(rows.map((row) => sdmxOf(row, isUpdate)));
      }),
    );
  });
});

describe("SDMX-JSON 2.0", () => {
  const message = (rows: readonly ObservationRow[], isUpdate = false) =>
    JSON.parse(DOCUMENT_FORMATS["sdmx-json"]({ ...dataset, isUpdate }, rows)) as SdmxMessage;
  const sortKey = (observation: object) => JSON.stringify(observation);
  const sorted = (observations: readonly object[]) =>
    [...observations].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));

  test("is a message as the standard has it, and read back says the same, to the last digit", () => {
    check(
      fc.property(manyRows, fc.boolean(), (rows, isUpdate) => {
        const read = message(rows, isUpdate);
        expect(isSdmxJson(read), JSON.stringify(isSdmxJson.errors)).toBe(true);
        expect(sorted(readSdmxJson(read).map(ordered))).toEqual(
          sorted(rows.map((row) => ordered(sdmxOf(row, isUpdate)))),
        );
      }),
    );
  });

  test("puts deletions in a data set of their own", () => {
    const read = message([stated, { ...deleted, timePeriod: "2019" }], true);
    expect(isSdmxJson(read), JSON.stringify(isSdmxJson.errors)).toBe(true);
    expect(read.data.dataSets.map(({ action }) => action)).toEqual(["Replace", "Delete"]);
    const [, gone] = readSdmxJson(read);
    expect(gone).toMatchObject({ TIME_PERIOD: "2019", OBS_VALUE: null, OBS_STATUS: null, UNIT_MEASURE: null });
  });

  test("says when its release was published, and thereby the same each time", () => {
    expect(message([stated]).meta).toMatchObject({ id: "data-volume-12", prepared: dataset.releasedAt });
  });
});

describe("JSON-stat 2.0", () => {
  const write = (rows: readonly ObservationRow[]) => DOCUMENT_FORMATS.jsonstat(dataset, rows);
  /** The toolkit's reader, over numbers that were not rounded on the way to it. */
  const read = (text: string) => JSONstat(withCounts(parseExactly(text)));

  test("read by its own toolkit says the same, to the last digit", () => {
    check(
      fc.property(manyRows, (rows) => {
        const cube = read(write(rows));
        expect(cube.n).toBe(cube.size.reduce((product, size) => product * size, 1));
        for (const { series, timePeriod, value, status } of rows) {
          const { frequency, subject } = series;
          const at = { INDICATOR: "data-volume", FREQ: frequency, SUBJECT: subject, TIME_PERIOD: timePeriod };
          expect(cube.Data(at)).toEqual({ value, status });
        }
        const stated = (cube.Data() ?? []).filter(({ status }) => status !== null);
        expect(stated).toHaveLength(rows.length);
      }),
    );
  });

  test("gives who reads doubles the nearest ones", () => {
    const value = "12345678901234567890.10";
    const cube = JSONstat(JSON.parse(write([{ ...stated, value, status: "A" }])));
    expect(cube.Data(0).value).toBe(Number(value));
  });

  test("knows its roles, its unit and when it was updated; periods are in order", () => {
    const periods = ["2021", "2019", "2020"];
    const rows = periods.map(
      (timePeriod) => ({ ...stated, subject: "region:52", frequency: "A", timePeriod }) as const,
    );
    const cube = read(write(rows));
    expect(cube.role).toMatchObject({ metric: ["INDICATOR"], time: ["TIME_PERIOD"], geo: ["SUBJECT"] });
    expect(cube.Dimension("INDICATOR").Category(0)).toMatchObject({
      label: "Data volume",
      unit: { symbol: "{数据集}" },
    });
    expect(cube.Dimension("TIME_PERIOD").id).toEqual(["2019", "2020", "2021"]);
    expect(cube.updated).toBe(dataset.releasedAt);
  });

  test("takes no table that would be mostly holes and larger than a reader can hold", () => {
    const rows = Array.from({ length: 600 }, (_, i) => ({
      ...stated,
      series: { ...stated.series, frequency: "A" as const, subject: `region:${i}` as const },
      timePeriod: String(1000 + i),
    }));
    expect(() => write(rows)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
  });
});

describe("documents", () => {
  test.for(Object.entries(DOCUMENT_FORMATS))("%s holds no more than its limit", ([, format]) => {
    const rows = new Array(MAX_DOCUMENT_ROWS + 1).fill(stated);
    expect(() => format(dataset, rows)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
  });
});

describe("streams", () => {
  test.for(Object.entries(ROW_FORMATS))("%s is the same however it is cut into batches", async ([, format]) => {
    const rows = fc.sample(statedRows, { numRuns: 10, seed: 3 });
    const batches = [rows.slice(0, 3), [], rows.slice(3)];
    const chunks: Buffer[] = [];
    for await (const chunk of writeRows(format, dataset, batches)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(textOf(format, rows));
    expect(chunks.every((chunk) => chunk.length > 0)).toBe(true);
  });
});

/** Members in one order, so that the texts of objects can be compared. */
function ordered(object: object): object {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `size` is to be counted with. */
function withCounts(document: unknown): unknown {
  const { size, ...rest } = document as { size: string[] };
  return { ...rest, size: size.map(Number) };
}
