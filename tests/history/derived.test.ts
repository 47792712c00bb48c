import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { next } from "../support/calendar.ts";
import {
  type Against,
  comparisonsOf,
  type ModelDerived,
  type Point,
  rankOf,
  sharesOf,
} from "../support/derived-model.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

/** Where each frequency's series begin and how long they are: a week 53, a leap day, a year's end among them. */
const SPANS = {
  A: ["2008", 14],
  S: ["2015-S2", 12],
  Q: ["2019-Q2", 14],
  M: ["2022-08", 28],
  W: ["2019-W46", 66],
  D: ["2023-02-20", 390],
} as const;

type Frequency = keyof typeof SPANS;
const FREQUENCIES = Object.keys(SPANS) as Frequency[];

/** Subjects with their parents; the world has none, and neither has a platform. */
const PARENTS: Readonly<Record<string, string | null>> = {
  "region:WORLD": null,
  "region:ZZ": "region:WORLD",
  "region:90": "region:ZZ",
  "region:91": "region:ZZ",
  "platform:north-open-data": null,
};
const SUBJECTS = Object.keys(PARENTS);

const AGAINST: readonly Against[] = ["PREVIOUS_PERIOD", "SAME_PERIOD_A_YEAR_BEFORE"];

/** What may be said of a period: nothing at all, that there is no value, or a value of any size and sign. */
const saying = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant("0") },
  { weight: 5, arbitrary: fc.integer({ min: -3, max: 1000 }).map(String) },
  { weight: 3, arbitrary: fc.tuple(fc.nat(999), fc.stringMatching(/^\d{1,8}$/)).map(([a, b]) => `${a}.${b}`) },
  { weight: 1, arbitrary: fc.stringMatching(/^[1-9]\d{29}$/) },
);

/** The values of all series, as they were drawn. */
function drawWorld(): ReadonlyMap<string, Point[]> {
  const length = Math.max(...Object.values(SPANS).map(([, count]) => count));
  const rows = fc.sample(fc.array(saying, { minLength: length, maxLength: length }), {
    seed: 41,
    numRuns: SUBJECTS.length * FREQUENCIES.length,
  });
  const series = SUBJECTS.flatMap((subject) => FREQUENCIES.map((frequency) => ({ subject, frequency })));
  return new Map(
    series.map(({ subject, frequency }, i) => [`${subject}/${frequency}`, points(frequency, rows[i] ?? [])]),
  );
}

function points(frequency: Frequency, values: readonly (string | null | undefined)[]): Point[] {
  const [first, count] = SPANS[frequency];
  const found: Point[] = [];
  let timePeriod: string = first;
  for (const value of values.slice(0, count)) {
    if (value !== undefined) found.push({ timePeriod, value });
    timePeriod = next(timePeriod);
  }
  return found;
}

const DERIVED = "timePeriod value valueAsFloat undefined unit measure derivedFrom { timePeriod }";

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  const drawn = drawWorld();
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const metric: MadeRow = { id: "balance", name_en: "Balance", unit: "CNY", topic: "money" };
    const rows = [...drawn].flatMap(([series, said]) => rowsOf(series.split("/")[0] ?? "", said));
    const target = { ...row("region:90", { timePeriod: "2030", value: "5" }), obs_status: "T" };
    await portal.publish(
      firstRelease,
      madeUp({ "metrics.csv": [metric], "observations.csv": [...rows, target] }, "2024-02-01", "Balances"),
    );
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  const reasons = new Set<string>();

  test.each(SUBJECTS.flatMap((subject) => FREQUENCIES.map((frequency) => ({ subject, frequency }))))(
    "change, growth and share of $subject, $frequency, are exact",
    async ({ subject, frequency }) => {
      const all = drawn.get(`${subject}/${frequency}`) ?? [];
      const parent = PARENTS[subject] ?? null;
      const expected = {
        ...Object.fromEntries(AGAINST.map((against, i) => [`change${i}`, comparisonsOf(all, "CHANGE", against)])),
        ...Object.fromEntries(AGAINST.map((against, i) => [`growth${i}`, comparisonsOf(all, "GROWTH", against)])),
        share: sharesOf(all, parent === null ? null : (drawn.get(`${parent}/${frequency}`) ?? [])),
      };
      const found = await ask<Record<string, Told[]>>(
        subject,
        frequency,
        `${AGAINST.map((against, i) => `change${i}: change(against: ${against}) { ${DERIVED} }`).join(" ")}
         ${AGAINST.map((against, i) => `growth${i}: growth(against: ${against}) { ${DERIVED} }`).join(" ")}
         share: shareOfParent { ${DERIVED} }`,
      );
      for (const [name, derived] of Object.entries(found)) {
        expect(derived.map(({ valueAsFloat: _f, unit: _u, measure: _m, ...rest }) => rest)).toEqual(
          expected[name as keyof typeof expected],
        );
        for (const one of derived) expectWellFormed(one);
        for (const one of derived) if (one.undefined !== null) reasons.add(one.undefined);
      }
      expect(found.change0?.[0]).toMatchObject({ measure: "CHANGE", unit: "CNY" });
      expect(found.growth0?.[0]).toMatchObject({ measure: "GROWTH", unit: "%" });
      expect(found.share?.[0]).toMatchObject({ measure: "SHARE_OF_PARENT", unit: "%" });
    },
  );

  test("every reason why something is undefined was met", () => {
    expect([...reasons].sort()).toEqual([
      "BASE_HAS_NO_VALUE",
      "BASE_IS_ZERO",
      "NO_BASE_PERIOD",
      "NO_PARENT",
      "NO_VALUE",
      "PARENT_HAS_NO_VALUE",
      "SIGN_CHANGES",
    ]);
  });

  test("what is left of the periods is compared with all of them", async () => {
    const all = comparisonsOf(drawn.get("region:90/M") ?? [], "GROWTH", "PREVIOUS_PERIOD");
    const found = await ask<Record<string, ModelDerived[]>>(
      "region:90",
      "M",
      `last: growth(last: 2) { timePeriod value } since: growth(from: "2024-03") { timePeriod value }
       within: growth(from: "2023", to: "2023") { timePeriod value }`,
    );
    const expected = all.map(({ timePeriod, value }) => ({ timePeriod, value }));
    expect(found.last).toEqual(expected.slice(-2));
    expect(found.since).toEqual(expected.filter(({ timePeriod }) => timePeriod >= "2024-03"));
    expect(found.within).toEqual(expected.filter(({ timePeriod }) => timePeriod.startsWith("2023")));
  });

  test.each(["ASC", "DESC"] as const)("ranks count who is before, %s", async (direction) => {
    const siblings = ["region:90", "region:91"];
    const platforms = ["platform:north-open-data"];
    for (const [subject, among] of [
      ...siblings.map((id) => [id, siblings] as const),
      [platforms[0] as string, platforms] as const,
    ]) {
      for (const { timePeriod, value } of drawn.get(`${subject}/A`) ?? []) {
        const values = among.map(
          (id) => drawn.get(`${id}/A`)?.find((other) => other.timePeriod === timePeriod)?.value ?? null,
        );
        const { rank } = await ask<{ rank: unknown }>(
          subject,
          "A",
          `rank(timePeriod: "${timePeriod}", direction: ${direction}) { measure timePeriod rank outOf undefined derivedFrom { value } }`,
        );
        const expected = { measure: "RANK", timePeriod, derivedFrom: [{ value }] };
        expect(rank).toEqual({ ...expected, ...rankOf(value, values, direction) });
      }
    }
  });

  test("ties share the better rank, values that only exact arithmetic tells apart do not", async () => {
    const close = ["123456789012345678901234567890", "123456789012345678901234567891"];
    const rows = ["9001", "9002"].flatMap((id, i) => [
      ...rowsOf(`region:${id}`, [
        { timePeriod: "2020", value: "7.50" },
        { timePeriod: "2021", value: close[i] ?? null },
      ]),
    ]);
    await portal.publish(madeUp({ "observations.csv": rows }, "2024-03-01", "Ties"));
    const query = `equal: rank(timePeriod: "2020") { rank outOf } close: rank(timePeriod: "2021") { rank outOf }`;
    expect(await ask("region:9001", "A", query)).toEqual({
      equal: { rank: 1, outOf: 2 },
      close: { rank: 2, outOf: 2 },
    });
    expect(await ask("region:9002", "A", query)).toEqual({
      equal: { rank: 1, outOf: 2 },
      close: { rank: 1, outOf: 2 },
    });
  });

  test("sums of regions and regions that were none in the period are no siblings", async () => {
    const regions = [
      { code: "98", parent_code: "90", level: "PREFECTURE", name_en: "All of them", is_aggregate: "true" },
      { code: "97", parent_code: "90", level: "PREFECTURE", name_en: "Old", valid_from: "1950", valid_to: "1990-06" },
      { code: "96", parent_code: "90", level: "PREFECTURE", name_en: "Young", valid_from: "2000-07-01" },
    ].map((region) => ({ is_aggregate: "", valid_from: "", valid_to: "", ...region }));
    const said = { "1990-Q2": "1", "1990-Q3": "1", "2000-Q2": "1", "2000-Q3": "1" };
    const rows = ["9001", "96", "97", "98"].flatMap((code, i) =>
      Object.entries(said).map(([timePeriod, value]) => row(`region:${code}`, { timePeriod, value: `${value}${i}` })),
    );
    await portal.publish(madeUp({ "regions.csv": regions, "observations.csv": rows }, "2024-03-01", "Siblings"));
    const ranks = async (code: string) =>
      ask<Record<string, { rank: number | null; outOf: number; undefined: string | null }>>(
        `region:${code}`,
        "Q",
        Object.keys(said)
          .map((period) => `${period.replace("-", "")}: rank(timePeriod: "${period}") { rank outOf undefined }`)
          .join(" ")
          .replace(/(\d{4}Q\d):/g, "at$1:"),
      );
    const no = (outOf: number) => ({ rank: null, outOf, undefined: "NOT_COMPARABLE" });
    const at = (rank: number, outOf: number) => ({ rank, outOf, undefined: null });
    expect(await ranks("9001")).toEqual({
      at1990Q2: at(2, 2),
      at1990Q3: at(1, 1),
      at2000Q2: at(1, 1),
      at2000Q3: at(2, 2),
    });
    expect(await ranks("98")).toEqual({ at1990Q2: no(2), at1990Q3: no(1), at2000Q2: no(1), at2000Q3: no(2) });
    expect(await ranks("97")).toMatchObject({ at1990Q2: at(1, 2), at1990Q3: no(1) });
    expect(await ranks("96")).toMatchObject({ at2000Q2: no(1), at2000Q3: at(1, 2) });
  });

  test("without a parent or an observation there is no rank", async () => {
    const period = drawn.get("region:WORLD/A")?.find(({ value }) => value !== null)?.timePeriod;
    const found = await ask(
      "region:WORLD",
      "A",
      `rank(timePeriod: "${period}") { rank undefined } never: rank(timePeriod: "1900") { rank }`,
    );
    expect(found).toEqual({ rank: { rank: null, undefined: "NO_PARENT" }, never: null });
  });

  describe("compound growth", () => {
    const SAID: readonly Point[] = [
      ...Object.entries({ "1990": "100", "1991": "200", "1992": "121", "1993": "800", "1994": "0", "1995": "-3" }),
      ...Object.entries({
        "1990-01": "100",
        "1990-07": "110",
        "1991-01": "121",
        "1992-02-28": "1",
        "1992-03-01": "1e99",
      }),
      ...Object.entries({ "2001": "1000000", "2002": "1000001", "2004": "1000003" }),
      ...Object.entries({ "1991-W01": "50", "1992-W01": "55", "1990-Q1": "16", "1990-Q2": "81" }),
    ].map(([timePeriod, value]) => ({ timePeriod, value }));

    beforeAll(async () => {
      const rows = [...rowsOf("region:9101", SAID), row("region:9101", { timePeriod: "1996", value: null })];
      await portal.publish(madeUp({ "observations.csv": rows }, "2024-03-01", "Growth"));
    });

    test.each([
      ["A", "1990", "1991", "100"],
      ["A", "1990", "1992", "10"],
      ["A", "1990", "1993", "100"],
      ["A", "1990", "1994", "-100"],
      ["A", "2001", "2002", "0.0001"],
      ["A", "2002", "2004", "0.000099999850000"],
      ["M", "1990-01", "1991-01", "21"],
      ["M", "1990-01", "1990-07", "21"],
      ["Q", "1990-Q1", "1990-Q2", "65584.0835571"],
      ["W", "1991-W01", "1992-W01", (1.1 ** (365.2425 / 364) * 100 - 100).toPrecision(12)],
    ])("%s: from %s to %s it is %s %% a year", async (frequency, from, to, expected) => {
      const { value, ...rest } = await growth(frequency, from, to);
      expect(Number(value)).toBeCloseTo(Number(expected), 7);
      expect(value?.replace(/[-.]/g, "").replace(/^0+/, "").length).toBeLessThanOrEqual(12);
      expect(rest).toMatchObject({ timePeriod: to, undefined: null, unit: "%", measure: "COMPOUND_GROWTH" });
      expect(rest.derivedFrom).toEqual([{ timePeriod: to }, { timePeriod: from }]);
    });

    test.each([
      ["A", "1994", "1996", "NO_VALUE"],
      ["A", "1990", "1999", "NO_VALUE"],
      ["A", "1980", "1990", "NO_BASE_PERIOD"],
      ["A", "1994", "1995", "BASE_IS_ZERO"],
      ["A", "1990", "1995", "SIGN_CHANGES"],
    ])("%s: from %s to %s it is undefined: %s", async (frequency, from, to, reason) => {
      expect(await growth(frequency, from, to)).toMatchObject({ value: null, valueAsFloat: null, undefined: reason });
    });

    test("a rate beyond every number is no Infinity and no failure", async () => {
      const told = await growth("D", "1992-02-28", "1992-03-01");
      expectWellFormed(told);
      expect(told).toMatchObject({ value: null, undefined: "OUT_OF_RANGE" });
    });

    test.each([
      ["from", "1990-01", "1991"],
      ["to", "1990", "1991-Q1"],
      ["to", "1991", "1991"],
      ["to", "1992", "1991"],
      ["from", "soon", "1991"],
    ])("a bad %s is refused by name: %s, %s", async (argument, from, to) => {
      const query = `{ series(metric: "balance", subject: "9101", frequency: A) { compoundGrowth(from: "${from}", to: "${to}") { value } } }`;
      const { errors } = await portal.ask(query);
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
    });

    async function growth(frequency: string, from: string, to: string): Promise<Told> {
      const query = `compoundGrowth(from: "${from}", to: "${to}") { ${DERIVED} }`;
      return (await ask<{ compoundGrowth: Told }>("region:9101", frequency, query)).compoundGrowth;
    }
  });

  async function ask<Data>(subject: string, frequency: string, fields: string): Promise<Data> {
    const query = `{ series(metric: "balance", subject: "${subject}", frequency: ${frequency}) { ${fields} } }`;
    const { data, errors } = await portal.ask<{ series: Data }>(query);
    expect(errors).toEqual([]);
    return data.series;
  }
});

interface Told extends ModelDerived {
  readonly valueAsFloat: number | null;
  readonly unit: string;
  readonly measure: string;
}

/** Either a plain decimal with its float, or a reason. */
function expectWellFormed({ value, valueAsFloat, undefined: reason }: Told): void {
  if (value === null) {
    expect(valueAsFloat).toBeNull();
    expect(reason).toMatch(/^[A-Z_]+$/);
    return;
  }
  expect(value).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
  expect(valueAsFloat).toBe(Number(value));
  expect(Number.isFinite(valueAsFloat)).toBe(true);
  expect(reason).toBeNull();
}

function rowsOf(subject: string, said: readonly Point[]): MadeRow[] {
  return said.map((point) => row(subject, point));
}

function row(subject: string, { timePeriod, value }: Point): MadeRow {
  const [type = "", id = ""] = subject.split(":");
  const about = { metric_id: "balance", subject_type: type.toUpperCase(), subject_id: id };
  return observation(timePeriod, value ?? "", { ...about, obs_status: value === null ? "Q" : "A" });
}
