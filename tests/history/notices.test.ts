import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { FRAME, METRICS } from "../support/histories.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

/** What is said of one subject: metric, period, value, then source and status where they are not alpha's and actual. */
type Said = readonly [metric: string, period: string, value: string, source?: string, status?: string];

interface Case {
  readonly name: string;
  readonly says: readonly Said[];
  /** Metric whose series is looked at. */
  readonly of: string;
  /** Code and period of every notice, in their order. */
  readonly expected: readonly (readonly [code: string, timePeriod: string])[];
}

/** Values of consecutive years from 2001. */
function years(...values: readonly string[]): Said[] {
  return values.map((value, i) => ["volume", `${2001 + i}`, value]);
}

function rivals(value: string, other: string, status = "A"): Said[] {
  return [
    ["volume", "2020", value],
    ["volume", "2020", other, "beta", status],
  ];
}

const SPECS: Readonly<Record<string, readonly [says: readonly Said[], expected: Case["expected"], of?: string]>> = {
  "two sources that differ by more than 5 % of the larger value": [
    rivals("100", "94.9"),
    [["SOURCES_DISAGREE", "2020"]],
  ],
  "two sources that differ by 5 %": [rivals("100", "95"), []],
  "a provisional value that disagrees": [rivals("100", "50", "P"), [["SOURCES_DISAGREE", "2020"]]],
  "an estimate that disagrees": [rivals("100", "50", "E"), []],
  "a forecast that disagrees": [rivals("100", "50", "F"), []],
  "a target that disagrees": [rivals("100", "50", "T"), []],
  "a source that withholds": [rivals("100", "", "Q"), []],
  "values of opposite sign": [rivals("100", "-100"), [["SOURCES_DISAGREE", "2020"]]],
  "two zeros": [rivals("0", "0.00"), []],
  "nothing against something": [rivals("0", "1"), [["SOURCES_DISAGREE", "2020"]]],
  "two sources apart by a thousand": [rivals("41.06", "41060"), [["UNIT_SUSPECT", "2020"]]],
  "two sources apart by almost two thousand": [rivals("1", "1990"), [["UNIT_SUSPECT", "2020"]]],
  "two sources apart by more than two thousand": [rivals("1", "2010"), [["SOURCES_DISAGREE", "2020"]]],
  "two sources apart by little more than five hundred": [rivals("1", "505"), [["UNIT_SUSPECT", "2020"]]],
  "two sources apart by less than five hundred": [rivals("1", "495"), [["SOURCES_DISAGREE", "2020"]]],
  "two sources apart by a million": [rivals("3000000", "3"), [["UNIT_SUSPECT", "2020"]]],
  "a step that is larger than any before": [years("100", "110", "121", "133", "201"), [["JUMP", "2005"]]],
  "a step of less than half as much again": [years("100", "110", "121", "133", "199"), []],
  "a step of more than twice the largest": [years("64", "96", "144", "216", "490"), [["JUMP", "2005"]]],
  "a step of less than twice the largest": [years("64", "96", "144", "216", "480"), []],
  "a step down": [years("100", "101", "102", "101", "50"), [["JUMP", "2005"]]],
  "a step after two steps only": [years("100", "101", "102", "300"), []],
  "a step over a gap": [[...years("100", "101", "102", "103"), ["volume", "2006", "400"]], []],
  "steps from and to zero and below": [years("100", "101", "102", "0", "-5", "100"), []],
  "a step to an estimate": [[...years("100", "101", "102", "103"), ["volume", "2005", "400", "alpha", "E"]], []],
  "a step by a factor of a thousand, early on": [years("5", "5100"), [["UNIT_SUSPECT", "2002"]]],
  "a step by a thousandth": [years("5000", "5200", "5.3"), [["UNIT_SUSPECT", "2003"]]],
  "the step back from a mistaken unit": [
    years("5", "5000", "5"),
    [
      ["UNIT_SUSPECT", "2002"],
      ["UNIT_SUSPECT", "2003"],
    ],
  ],
  "a share above 100 %": [[["coverage", "2020", "100.01"]], [["ABOVE_MAXIMUM", "2020"]], "coverage"],
  "a share of 100 %": [[["coverage", "2020", "100.00"]], [], "coverage"],
  "a withheld share": [[["coverage", "2020", "", "alpha", "Q"]], [], "coverage"],
  "a part larger than its whole, in other units": [
    [
      ["volume", "2020", "1"],
      ["labelled", "2020", "1000.1"],
    ],
    [["PART_EXCEEDS_WHOLE", "2020"]],
    "labelled",
  ],
  "a part as large as its whole": [
    [
      ["volume", "2020", "1"],
      ["labelled", "2020", "1000"],
    ],
    [],
    "labelled",
  ],
  "a part and a whole of other years": [
    [
      ["volume", "2020", "1"],
      ["labelled", "2021", "5000"],
    ],
    [],
    "labelled",
  ],
  "a part larger than a forecast of its whole": [
    [
      ["volume", "2020", "1", "alpha", "F"],
      ["labelled", "2020", "5000"],
    ],
    [],
    "labelled",
  ],
  "the whole of a part that exceeds it": [
    [
      ["volume", "2020", "1"],
      ["labelled", "2020", "5000"],
    ],
    [],
    "volume",
  ],
  "several at once, by period and code": [
    [
      ["coverage", "2021", "120"],
      ["coverage", "2021", "130", "beta"],
      ["coverage", "2020", "101"],
    ],
    [
      ["ABOVE_MAXIMUM", "2020"],
      ["ABOVE_MAXIMUM", "2021"],
      ["SOURCES_DISAGREE", "2021"],
    ],
    "coverage",
  ],
};

const CASES: readonly Case[] = Object.entries(SPECS).map(([name, [says, expected, of = "volume"]]) => ({
  name,
  says,
  expected,
  of,
}));

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const platforms = [...CASES.keys()].map((i) => ({ id: `case-${i}`, name_en: `Case ${i}`, kind: "OTHER" }));
    const more = ["late", "early"].map((id) => ({ id, name_en: id, kind: "OTHER" }));
    await portal.publish(
      madeUp(FRAME.files, "2024-01-01", "Frame"),
      madeUp({ "platforms.csv": [...platforms, ...more] }, "2024-01-01", "Platforms"),
      madeUp({ "observations.csv": CASES.flatMap(({ says }, i) => rowsOf(`case-${i}`, says)) }, "2024-01-02", "Cases"),
    );
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  test.each(CASES.map((one, i) => ({ ...one, i })))("$name: $expected", async ({ i, of, says, expected }) => {
    const { notices, observations } = await look(`case-${i}`, of);
    expect(notices.map(({ code, timePeriod }) => [code, timePeriod])).toEqual(expected);
    for (const notice of notices) {
      const value = observations.find(({ timePeriod }) => timePeriod === notice.timePeriod)?.value;
      expect(notice.values[0]).toBe(value);
      expect(notice.message).toMatch(/^[a-z].{10,}$/);
      expect(notice.release.number).toBe(3);
    }
    // Whatever looks wrong stays as it was said.
    const said = says.filter(([metric, , , source, status]) => metric === of && !source && !status);
    for (const [, timePeriod, value] of said) {
      expect(observations).toContainEqual({ timePeriod, value });
    }
  });

  const [whole, part]: Said[] = [
    ["volume", "2020", "2"],
    ["labelled", "2020", "3000"],
  ];

  test.each([
    ["late", [part as Said], [whole as Said]],
    ["early", [whole as Said], [part as Said]],
  ] as const)(
    "a part and its whole that come one after the other (%s): noticed when both are there",
    async (id, first, second) => {
      await publish(id, first);
      const before = await head();
      expect((await look(id, first[0][0])).notices).toEqual([]);
      await publish(id, second);
      const release = await head();
      const noticed = {
        code: "PART_EXCEEDS_WHOLE",
        timePeriod: "2020",
        release: { number: release },
        values: ["3000", "2000"],
      };
      expect((await look(id, "labelled")).notices).toMatchObject([noticed]);
      expect((await look(id, first[0][0], before)).notices).toEqual([]);

      await publish(id, [["volume", "2020", "4"]]);
      expect((await look(id, "labelled")).notices).toEqual([]);
      expect((await look(id, "labelled", release)).notices).toMatchObject([noticed]);

      await publish(id, [["volume", "2020", "1"]]);
      const again = await head();
      expect((await look(id, "labelled")).notices).toMatchObject([
        { values: ["3000", "1000"], release: { number: again } },
      ]);
      await portal.publish(
        madeUp({ "observations.csv": rowsOf(id, [["labelled", "2020", ""]], "D") }, "2024-02-01", `${id} away`),
      );
      expect((await look(id, "labelled")).notices).toEqual([]);
      expect((await look(id, "labelled", again)).notices).toHaveLength(1);
    },
  );

  test("a notice keeps the release that brought it while the series goes on", async () => {
    await publish("north-data", [["coverage", "2020", "120"]]);
    const first = await head();
    await publish("north-data", [["coverage", "2021", "90"]]);
    await publish("north-data", [["coverage", "2022", "150"]]);
    const last = await head();
    expect((await look("north-data", "coverage")).notices).toMatchObject([
      { timePeriod: "2020", release: { number: first } },
      { timePeriod: "2022", release: { number: last } },
    ]);
    await publish("north-data", [["coverage", "2020", "130"]]);
    const revised = await head();
    expect((await look("north-data", "coverage")).notices).toMatchObject([
      { timePeriod: "2020", release: { number: revised }, values: ["130", "100"] },
      { timePeriod: "2022", release: { number: last } },
    ]);
  });

  test("twenty years of days on which two sources disagree are published, counted, and noticed at the end", async () => {
    const days = Array.from({ length: 7305 }, (_, i) => new Date(Date.UTC(2004, 0, 1 + i)).toISOString().slice(0, 10));
    await publish("north-data", [
      ...days.map((day, i): Said => ["volume", day, `${100 + i}.123456789`]),
      ...days.map((day, i): Said => ["volume", day, `${300 + 2 * i}.987654321`, "beta"]),
    ]);
    const { data, errors } = await portal.ask(`{
      series(metric: "volume", subject: "platform:north-data", frequency: D) {
        noticeCount notices { timePeriod } latest { value alternatives { value } }
      }
    }`);
    expect({ data, errors }).toEqual({
      data: {
        series: {
          noticeCount: 7305,
          notices: days.slice(-100).map((timePeriod) => ({ timePeriod })),
          latest: { value: "7404.123456789", alternatives: [{ value: "14908.987654321" }] },
        },
      },
      errors: [],
    });
  });

  let releases = 0;
  function publish(id: string, says: readonly Said[]): Promise<unknown> {
    releases += 1;
    return portal.publish(
      madeUp({ "observations.csv": rowsOf(id, says) }, "2024-02-01", `Release ${releases} of ${id}`),
    );
  }

  async function head(): Promise<number> {
    return (await portal.snapshot()).head.release;
  }

  async function look(platform: string, metric: string, asOf?: number): Promise<Looked> {
    const query = `query ($metric: ID!, $subject: ID!, $asOf: ReleaseRef) {
      series(metric: $metric, subject: $subject, asOf: $asOf) {
        observations { timePeriod value } notices { code timePeriod message values release { number } }
      }
    }`;
    const { data, errors } = await portal.ask<{ series: Looked | null }>(query, {
      metric,
      subject: `platform:${platform}`,
      asOf,
    });
    expect(errors).toEqual([]);
    return data.series ?? { observations: [], notices: [] };
  }
});

interface Looked {
  readonly observations: readonly { readonly timePeriod: string; readonly value: string | null }[];
  readonly notices: readonly {
    readonly code: string;
    readonly timePeriod: string;
    readonly message: string;
    readonly values: readonly string[];
    readonly release: { readonly number: number };
  }[];
}

function rowsOf(platform: string, says: readonly Said[], action = "M"): MadeRow[] {
  return says.map(([metric, period, value, source = "alpha", status = "A"]) => ({
    metric_id: METRICS.find(({ id }) => id === metric)?.id ?? "",
    subject_type: "PLATFORM",
    subject_id: platform,
    time_period: period,
    value,
    obs_status: action === "D" ? "" : status,
    source_id: source,
    published_on: source === "alpha" ? "2024-01-01" : "2023-12-01",
    action,
  }));
}
