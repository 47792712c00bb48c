import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

/** What the curated data has no example of. */
const release = madeUp(
  {
    "regions.csv": [
      {
        code: "9199",
        parent_code: "91",
        level: "PREFECTURE",
        name_en: "Old Southport",
        valid_from: "1990",
        valid_to: "2019-12-31",
        replaced_by: "9101 9102",
      },
    ],
    "sources.csv": [
      { id: "almanac-2020", title: "Almanac", published_on: "2020-05" },
      { id: "survey-2022", title: "Survey", published_on: "2022-05" },
    ],
    "observations.csv": [
      ...[
        ["2001", "0.1"],
        ["2002", "123456789012345678901234567890"],
        ["2003", "0.123456789012345678901234567890"],
        ["2004", "-0.00"],
        ["2005", "8470000000"],
        ["2006", "+007.50"],
        ["2007", "1e3"],
        ["2008", "9007199254740993"],
      ].map(([period = "", value = ""]) => observation(period, value, { subject_id: "9001" })),
      observation("2001", "", { subject_id: "9002", obs_status: "Q", note: "Withheld by the statistics act" }),
      observation("2002", "", { subject_id: "9002", obs_status: "M" }),
      observation("2003", "", { subject_id: "9002", obs_status: "MISSING" }),
      observation("2004", "5", { subject_id: "9002", obs_status: "PROVISIONAL" }),
      observation("2004", "", { subject_id: "9002", obs_status: "Q", source_id: "bulletin-2024" }),
      observation("2010", "1", { subject_id: "9199" }),
      observation("2011", "1", { subject_id: "9101", published_on: "", source_id: "almanac-2020" }),
      observation("2011", "2", { subject_id: "9101", published_on: "", source_id: "survey-2022" }),
      ...["2020-S1", "2020-Q2", "2020-02", "2020-W53", "2020-02-29"].map((period) =>
        observation(period, "1", { subject_id: "9102" }),
      ),
    ],
  },
  "2024-02-01",
);

describe("the portal", () => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    const [dynalite] = engines;
    if (!dynalite) throw new Error("the embedded engine is always there");
    engine = await dynalite.start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease, release);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  async function answer(query: string): Promise<Record<string, unknown>> {
    const { data, errors } = await portal.ask(query);
    expect(errors).toEqual([]);
    return data;
  }

  test("answers values exactly as printed, in canonical form, and as a float beside it", async () => {
    const query = `{ series(metric: "data-volume", subject: "9001") { observations { value valueAsFloat } } }`;
    const values = [
      ["0.1", 0.1],
      ["123456789012345678901234567890", 1.2345678901234568e29],
      ["0.123456789012345678901234567890", 0.12345678901234568],
      ["0.00", 0],
      ["8470000000", 8_470_000_000],
      ["7.50", 7.5],
      ["1000", 1000],
      ["9007199254740993", 9_007_199_254_740_992],
    ];
    const observations = values.map(([value, valueAsFloat]) => ({ value, valueAsFloat }));
    expect(await answer(query)).toEqual({ series: { observations } });
  });

  test("says why there is no value, and puts any value before that", async () => {
    const query = `{ series(metric: "data-volume", subject: "9002") {
      observations { timePeriod value valueAsFloat status note alternatives { status value } }
    } }`;
    const missing = (timePeriod: string, status: string) => ({
      ...{ timePeriod, status, value: null, valueAsFloat: null, note: null, alternatives: [] },
    });
    expect(await answer(query)).toEqual({
      series: {
        observations: [
          { ...missing("2001", "Q"), note: "Withheld by the statistics act" },
          missing("2002", "M"),
          missing("2003", "O"),
          {
            ...missing("2004", "P"),
            value: "5",
            valueAsFloat: 5,
            alternatives: [{ status: "Q", value: null }],
          },
        ],
      },
    });
  });

  test("lets the newer publication lead where the rows do not repeat its date", async () => {
    const query = `{ series(metric: "data-volume", subject: "9101") { latest { value source { id publishedOn } } } }`;
    const source = { id: "source:survey-2022", publishedOn: "2022-05" };
    expect(await answer(query)).toEqual({ series: { latest: { value: "2", source } } });
  });

  test.for([
    ["S", "2020-S1"],
    ["Q", "2020-Q2"],
    ["M", "2020-02"],
    ["W", "2020-W53"],
    ["D", "2020-02-29"],
  ] as const)("keeps a series of frequency %s apart from those of others", async ([frequency, timePeriod]) => {
    const query = `{ series(metric: "data-volume", subject: "9102", frequency: ${frequency}) { id observations { timePeriod } } }`;
    const id = `series:data-volume/region:9102/${frequency}`;
    expect(await answer(query)).toEqual({ series: { id, observations: [{ timePeriod }] } });
  });

  test("offers the coarsest frequency that there is", async () => {
    const query = `{ series(metric: "data-volume", subject: "9102") { frequency } }`;
    expect(await answer(query)).toEqual({ series: { frequency: "S" } });
  });

  describe("of a historical region", () => {
    test("knows from when to when its code was in force, and what took its place", async () => {
      const query = `{ region(code: "9199") { status validFrom validTo replacedBy { code } parent { code } series(metric: "data-volume") { latest { value } } } }`;
      expect(await answer(query)).toEqual({
        region: {
          status: "HISTORICAL",
          validFrom: "1990",
          validTo: "2019-12-31",
          replacedBy: [{ code: "9101" }, { code: "9102" }],
          parent: { code: "91" },
          series: { latest: { value: "1" } },
        },
      });
    });

    test("lists it only for those who ask for historical regions", async () => {
      const query = `{
        current: region(code: "91") { children { totalCount nodes { code } } counts { regions } }
        historical: region(code: "91") { children(filter: { status: HISTORICAL }) { totalCount nodes { code } } }
        all: regions(filter: { within: "91", status: HISTORICAL }) { totalCount nodes { code } }
        named: regions(filter: { status: HISTORICAL }, orderBy: { field: NAME }) { totalCount nodes { code } }
      }`;
      const old = { totalCount: 1, nodes: [{ code: "9199" }] };
      expect(await answer(query)).toEqual({
        current: { children: { totalCount: 2, nodes: [{ code: "9101" }, { code: "9102" }] }, counts: { regions: 3 } },
        historical: { children: old },
        all: old,
        named: old,
      });
    });
  });
});
