import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

/** As a file says it, as the API answers it, and the nearest double. */
const DECIMALS: readonly (readonly [written: string, value: string, float: number])[] = [
  ["0.1", "0.1", 0.1],
  ["+007.50", "7.50", 7.5],
  [".5", "0.5", 0.5],
  ["-0.00", "0.00", 0],
  ["-0.25", "-0.25", -0.25],
  ["8470000000", "8470000000", 8_470_000_000],
  ["1e3", "1000", 1000],
  ["1.50e-3", "0.00150", 0.0015],
  ["12.340E2", "1234.0", 1234],
  ["123456789012345678901234567890", "123456789012345678901234567890", 1.2345678901234568e29],
  ["0.123456789012345678901234567891", "0.123456789012345678901234567891", 0.12345678901234568],
  ["9007199254740993", "9007199254740993", 9_007_199_254_740_992],
  ["0.30000000000000004", "0.30000000000000004", 0.30000000000000004],
];

const SOURCES = ["yearbook-2023", "bulletin-2024"];

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    await portal.publish(firstRelease);
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  test("decimals are exact from the file to the answer, wherever they are shown", async () => {
    const rows = DECIMALS.map(([written], i) => observation(`${1900 + i}`, written, { subject_id: "90" }));
    await portal.publish(madeUp({ "observations.csv": rows }, "2024-02-01", "Decimals"));
    const { data, errors } = await portal.ask(`{
      series(metric: "data-volume", subject: "90") { observations { timePeriod value valueAsFloat } }
      panel(metric: "data-volume", of: { childrenOf: "ZZ" }, to: "${1899 + DECIMALS.length}") { rows { values valuesAsFloat } }
      changes(first: 100) { nodes { nodeId observations { new { value valueAsFloat } claims { value } } } }
    }`);
    expect(errors).toEqual([]);
    const expected = DECIMALS.map(([, value, valueAsFloat]) => ({ value, valueAsFloat }));
    const periods = DECIMALS.map((_, i) => `${1900 + i}`);
    expect(data).toMatchObject({
      series: { observations: expected.map((one, i) => ({ timePeriod: periods[i], ...one })) },
      panel: {
        rows: [{ values: DECIMALS.map(([, value]) => value), valuesAsFloat: DECIMALS.map(([, , float]) => float) }],
      },
    });
    const { nodes } = data.changes as { nodes: { nodeId: string; observations: unknown[] }[] };
    expect(nodes.find(({ nodeId }) => nodeId === "series:data-volume/region:90/A")?.observations).toEqual(
      expected.map((one) => ({ new: one, claims: [{ value: one.value }] })),
    );
  });

  test.each(["1,000", "0x10", "NaN", "Infinity", "1e400", "--1", "1.2.3", "1 000", "９"])(
    "%j is no decimal and is refused before anything is written",
    async (written) => {
      const rows = [observation("2020", written, { subject_id: "91" })];
      await expect(portal.publish(madeUp({ "observations.csv": rows }, "2024-02-01", written))).rejects.toThrow(
        "INVALID_VALUE",
      );
    },
  );

  test("a value that is not there says why, and a later or better claim takes its place", async () => {
    const of = { subject_id: "9001" };
    const rows = [
      ...["M", "O", "Q"].map((obs_status, i) => observation(`${2010 + i}`, "", { ...of, obs_status })),
      ...["IMPOSSIBLE", "MISSING", "WITHHELD"].map((obs_status, i) =>
        observation(`${2013 + i}`, "", { ...of, obs_status }),
      ),
      observation("2016", "", { ...of, obs_status: "Q" }),
      observation("2016", "3", { ...of, obs_status: "F", source_id: "bulletin-2024" }),
    ];
    await portal.publish(madeUp({ "observations.csv": rows }, "2024-02-01", "Reasons"));
    const found = await observations("9001", "");
    expect(found.slice(0, 6)).toEqual(
      ["M", "O", "Q", "M", "O", "Q"].map((status, i) => ({
        timePeriod: `${2010 + i}`,
        value: null,
        valueAsFloat: null,
        status,
        alternatives: [],
      })),
    );
    expect(found[6]).toMatchObject({ value: "3", status: "F", alternatives: [{ value: null, status: "Q" }] });
    expect(await observations("9001", "(status: [Q])")).toMatchObject([
      { timePeriod: "2012" },
      { timePeriod: "2015" },
      { timePeriod: "2016", value: null, alternatives: [] },
    ]);
  });

  test.each([
    ["", "A", "MISSING_VALUE"],
    ["", "T", "MISSING_VALUE"],
    ["1", "M", "INVALID_VALUE"],
    ["1", "Q", "INVALID_VALUE"],
    ["1", "X", "INVALID_VALUE"],
  ])("the value %j with the status %j is refused: %s", async (value, obs_status, code) => {
    const rows = [observation("2020", value, { subject_id: "91", obs_status })];
    await expect(portal.publish(madeUp({ "observations.csv": rows }, "2024-02-01", "Refused"))).rejects.toThrow(code);
  });

  test("targets are shown to those who ask for them and to nobody else", async () => {
    const of = { subject_id: "9002" };
    const rows = [
      observation("2025", "80", { ...of, obs_status: "T" }),
      observation("2024", "70", { ...of, obs_status: "T" }),
      observation("2024", "66", { ...of, obs_status: "F", source_id: "bulletin-2024" }),
    ];
    await portal.publish(madeUp({ "observations.csv": rows }, "2024-02-01", "Targets"));
    expect(await observations("9002", "")).toMatchObject([{ timePeriod: "2024", value: "66", alternatives: [] }]);
    expect(await observations("9002", "(status: [T])")).toMatchObject([
      { timePeriod: "2024", value: "70", status: "T" },
      { timePeriod: "2025", value: "80", status: "T" },
    ]);
    expect(await observations("9002", "(status: [T, F])")).toMatchObject([
      { timePeriod: "2024", value: "66", status: "F", alternatives: [{ value: "70", status: "T" }] },
      { timePeriod: "2025", value: "80" },
    ]);
    const { data } = await portal.ask(`{
      series(metric: "data-volume", subject: "9002") {
        latest { timePeriod } goal: latest(status: [T]) { timePeriod }
        growth { timePeriod undefined } change { timePeriod } rank { timePeriod outOf }
      }
      panel(metric: "data-volume", of: { childrenOf: "90" }, from: "2024") { timePeriods }
      goals: panel(metric: "data-volume", of: { childrenOf: "90" }, status: [T]) { timePeriods rows { values } }
    }`);
    expect(data).toEqual({
      series: {
        latest: { timePeriod: "2024" },
        goal: { timePeriod: "2025" },
        growth: [{ timePeriod: "2024", undefined: "NO_BASE_PERIOD" }],
        change: [{ timePeriod: "2024" }],
        rank: { timePeriod: "2024", outOf: 1 },
      },
      panel: { timePeriods: ["2024"] },
      goals: { timePeriods: ["2024", "2025"], rows: [{ values: ["70", "80"] }] },
    });
  });

  test("the headline is the best status, then the newer publication, then the newer release; ties go by source", async () => {
    const of = { subject_id: "9101" };
    const say = (period: string, source: number, value: string, fields: Record<string, string> = {}) =>
      observation(period, value, { ...of, source_id: SOURCES[source] ?? "", published_on: "2024-01-01", ...fields });
    const first = [
      say("2001", 0, "1", { obs_status: "P", published_on: "2024-03" }),
      say("2001", 1, "2", { obs_status: "A", published_on: "2020" }),
      say("2002", 0, "1", { published_on: "2024-03" }),
      say("2002", 1, "2", { published_on: "2024-02-28" }),
      say("2003", 0, "1"),
      say("2004", 0, "1"),
      say("2004", 1, "2"),
    ];
    await portal.publish(madeUp({ "observations.csv": first }, "2024-02-01", "First"));
    await portal.publish(madeUp({ "observations.csv": [say("2003", 1, "2")] }, "2024-02-01", "Second"));
    expect(await observations("9101", "")).toMatchObject([
      { timePeriod: "2001", value: "2", alternatives: [{ value: "1" }] },
      { timePeriod: "2002", value: "1", alternatives: [{ value: "2" }] },
      { timePeriod: "2003", value: "2", alternatives: [{ value: "1" }] },
      { timePeriod: "2004", value: "2", alternatives: [{ value: "1" }] },
    ]);
  });

  async function observations(subject: string, args: string): Promise<readonly Record<string, unknown>[]> {
    const { data, errors } = await portal.ask<{ series: { observations: Record<string, unknown>[] } }>(`{
      series(metric: "data-volume", subject: "${subject}") {
        observations${args} { timePeriod value valueAsFloat status alternatives { value status } }
      }
    }`);
    expect(errors).toEqual([]);
    return data.series.observations;
  }
});
