import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegionBody } from "../../portal/catalogue/entities.ts";
import type { Claim } from "../../portal/series/claims.ts";
import { encodeClaims } from "../../portal/series/codec.ts";
import { type Subject, seriesItem, seriesPlacement } from "../../portal/series/items.ts";
import { callScope } from "../../portal/store/calls.ts";
import { chunks, type Item } from "../../portal/store/requests.ts";
import { ALL_STATUSES, claimsOf, type ModelClaim } from "../support/claim-model.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { histories, type MadeRelease, METRICS, PERIODS, publishHistory } from "../support/histories.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { panelOf } from "../support/panel-model.ts";
import { functionOn, openPortal, type TestPortal } from "../support/portal.ts";
import { holdsEventually } from "../support/properties.ts";
import { madeUp } from "../support/releases.ts";

const PROVINCES = ["region:90", "region:91", "region:92"];

/** Every way to name subjects, with the subjects that it names. */
const SELECTIONS = [
  [`{ childrenOf: "region:ZZ" }`, PROVINCES],
  [`{ childrenOf: "90" }`, ["region:9001"]],
  [`{ regions: { within: "ZZ", level: PROVINCE } }`, PROVINCES],
  [`{ regions: { within: "region:90", level: PREFECTURE } }`, ["region:9001"]],
  [`{ regions: { within: "91", level: PROVINCE } }`, ["region:91"]],
  [`{ subjects: { kind: PLATFORM } }`, ["platform:north-data", "platform:south-data"]],
  [`{ subjects: { kind: PLATFORM, within: "91" } }`, ["platform:south-data"]],
  [`{ subjects: { kind: AGENCY } }`, []],
] as const;

/** A last release, so that there is a panel of provinces whatever was drawn. */
const LATEST: MadeRelease = {
  publishedOn: "2026-01-01",
  files: {
    "observations.csv": ["90", "91"].map((subject_id, i) => ({
      ...{ metric_id: "volume", subject_type: "REGION", subject_id, time_period: "2022", source_id: "alpha" },
      ...{ value: `${i + 1}`, obs_status: "A", published_on: "2025", note: "", action: "M" },
    })),
  },
};

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const period = fc.constantFrom(...PERIODS, "2020", "2024", "2022-S1", "2022-12", "2023-W01");

const questions = fc.record({
  metric: fc.constantFrom(...METRICS.map(({ id = "" }) => id)),
  selection: fc.constantFrom(...SELECTIONS),
  frequency: optional(fc.constantFrom(..."AQMD")),
  from: optional(period),
  to: optional(period),
  last: optional(fc.integer({ min: 1, max: 4 })),
  status: optional(fc.subarray(ALL_STATUSES, { minLength: 1 })),
  orderBy: optional(
    fc.record({ timePeriod: fc.constantFrom(...PERIODS), direction: fc.constantFrom("ASC" as const, "DESC" as const) }),
  ),
  top: optional(fc.integer({ min: 1, max: 3 })),
  asOf: fc.nat(),
});

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  let claims: readonly ModelClaim[];
  let releases: number[];
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const [history = []] = fc.sample(histories, { seed: 2, numRuns: 1 });
    const published = await publishHistory(portal, [...history, LATEST]);
    claims = claimsOf(published);
    releases = published.map(({ number }) => number);
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  test("panels are what their series are, put side by side", { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(questions, async ({ selection: [of, subjects], ...args }) => {
      const asOf = releases[args.asOf % releases.length] as number;
      const expected = panelOf(claims, { ...args, subjects, asOf });
      const { data, errors } = await portal.ask(panelQuery(of), { ...args, asOf });
      if (expected === "REFUSED") {
        expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "orderBy.timePeriod" } }]);
      } else {
        expect(errors).toEqual([]);
        expect(data).toEqual({ panel: expected && { ...expected, release: { number: asOf } } });
      }
    });
    await holdsEventually(property, 150);
  });

  test.each([
    ["metric", `metric: "No Metric", of: { childrenOf: "ZZ" }`],
    ["of.childrenOf", `metric: "volume", of: { childrenOf: "no region" }`],
    ["of.regions.within", `metric: "volume", of: { regions: { within: "no region", level: COUNTY } }`],
    ["of.subjects.kind", `metric: "volume", of: { subjects: { kind: REGION } }`],
    ["of.subjects.within", `metric: "volume", of: { subjects: { kind: AGENCY, within: "no region" } }`],
    ["from", `metric: "volume", of: { childrenOf: "ZZ" }, from: "2023-02-29"`],
    ["to", `metric: "volume", of: { childrenOf: "ZZ" }, to: "2020-Q5"`],
    ["last", `metric: "volume", of: { childrenOf: "ZZ" }, last: 0`],
    ["top", `metric: "volume", of: { childrenOf: "ZZ" }, top: -1`],
    ["asOf", `metric: "volume", of: { childrenOf: "ZZ" }, asOf: 1000`],
    ["asOf", `metric: "volume", of: { childrenOf: "ZZ" }, asOf: 0`],
    ["asOf", `metric: "volume", of: { childrenOf: "ZZ" }, asOf: "yesterday"`],
    ["orderBy.timePeriod", `metric: "volume", of: { childrenOf: "ZZ" }, orderBy: { timePeriod: "soon" }`],
    ["orderBy.timePeriod", `metric: "volume", of: { childrenOf: "ZZ" }, orderBy: { timePeriod: "1900" }`],
  ])("a bad %s is refused by name: %s", async (argument, args) => {
    const { errors } = await portal.ask(`{ panel(${args}) { rowCount } }`);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
  });

  test.each([`of: {}`, `of: { childrenOf: "ZZ", subjects: { kind: AGENCY } }`, `of: { regions: { within: "ZZ" } }`])(
    "exactly one way to name the subjects is needed: %s",
    async (of) => {
      const { errors } = await portal.ask(`{ panel(metric: "volume", ${of}) { rowCount } }`);
      expect(errors).toMatchObject([
        { extensions: { code: expect.stringMatching(/^(GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT)$/) } },
      ]);
    },
  );

  test.each([
    `metric: "unknown", of: { childrenOf: "ZZ" }`,
    `metric: "volume", of: { regions: { within: "XX", level: PROVINCE } }`,
    `metric: "volume", of: { subjects: { kind: AGENCY, within: "XX" } }`,
    `metric: "volume", of: { childrenOf: "XX" }`,
  ])("there is no panel of what is unknown: %s", async (args) => {
    const { data, errors } = await portal.ask(`{ panel(${args}) { rowCount } }`);
    expect({ data, errors }).toEqual({ data: { panel: null }, errors: [] });
  });

  test("a panel of many subjects takes one Query for each megabyte", async () => {
    const bytes = await fillCounties(portal, "volume", 600, 450);
    expect(bytes).toBeGreaterThan(2 * MEGABYTE);
    const operations: string[][] = [];
    const ask = functionOn({
      client: portal.client(),
      tables: portal.tables,
      onAnswered: ({ scope }) => operations.push(scope.meter.operations),
    });
    const { data, errors } = await ask<{ panel: { rowCount: number; rows: { values: unknown[] }[] } }>(
      `{ panel(metric: "volume", of: { regions: { within: "ZZ", level: COUNTY } }, last: 3) { rowCount rows { values } } }`,
    );
    expect(errors).toEqual([]);
    expect(data.panel.rowCount).toBe(600);
    expect(data.panel.rows.every(({ values }) => values.length === 3)).toBe(true);
    const queries = operations[0]?.filter((operation) => operation === "Query").length;
    expect(queries).toBe(Math.ceil(bytes / MEGABYTE));
  });

  test("a panel that would have too many cells is refused, and can be asked for piece by piece", async () => {
    await fillCounties(portal, "labelled", 260, 1000);
    const ask = (more: string) =>
      portal.ask(
        `{ panel(metric: "labelled", of: { regions: { within: "ZZ", level: COUNTY } }${more}) { rowCount timePeriods } }`,
      );
    expect((await ask("")).errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "of" } }]);
    const { data } = await ask(", last: 5");
    expect(data).toMatchObject({ panel: { rowCount: 260, timePeriods: { length: 5 } } });
  });
});

describe.each(engines)("the columns of a panel, on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const rows = [observation("2020", "6", { subject_id: "9001" }), observation("2023", "5", { subject_id: "9002" })];
    await portal.publish(firstRelease, madeUp({ "observations.csv": rows }, "2024-02-01", "Gaps"));
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  const panel = (args: string) =>
    portal.ask<{ panel: unknown }>(
      `{ panel(metric: "data-volume", of: { childrenOf: "90" }, ${args}) { timePeriods rows { values missing } } }`,
    );

  test.each([
    ["frequency: A", ["2020", "2023"]],
    [`from: "2019", to: "2024"`, ["2019", "2020", "2021", "2022", "2023", "2024"]],
    [`from: "2019"`, ["2019", "2020", "2021", "2022", "2023"]],
    [`to: "2024-12"`, ["2020", "2021", "2022", "2023", "2024"]],
    [`from: "2024"`, []],
    [`from: "2024", to: "2025"`, ["2024", "2025"]],
    [`to: "2022", last: 2`, ["2021", "2022"]],
    [`from: "0001", to: "9999", last: 1`, ["9999"]],
  ])("are all periods that were asked for, reported or not: %s", async (args, timePeriods) => {
    const { data, errors } = await panel(args);
    expect(errors).toEqual([]);
    const said: Record<string, string>[] = [{ "2020": "6" }, { "2023": "5" }];
    const rows = said
      .map((one) => timePeriods.map((period) => one[period] ?? null))
      .filter((values) => values.some((value) => value !== null))
      .map((values) => ({ values, missing: values.filter((value) => value === null).length }));
    expect(data.panel).toEqual({ timePeriods, rows });
  });

  test.each([`frequency: D, from: "0001", to: "9999"`, `frequency: W, from: "0001", to: "9999"`])(
    "are not more than a panel can have: %s",
    async (args) => {
      const { errors } = await panel(args);
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "of" } }]);
    },
  );
});

const HEAD = { release: 1, voids: new Set<number>() };
const MEGABYTE = 1_048_576;

/**
 * Puts daily series of made-up counties beside the others, past the importer, which would take its time. Returns how
 * many bytes they are to DynamoDB: names and values of all attributes.
 */
async function fillCounties(portal: TestPortal, metric: string, counties: number, days: number): Promise<number> {
  const { series } = portal.store.tables;
  const items = Array.from({ length: counties }, (_, i) => countyItem(metric, String(900_000 + i), days));
  for (const batch of chunks(items, 25)) await portal.store.putBatch(series, batch, callScope());
  return items
    .flatMap((item) => Object.entries(item))
    .reduce((sum, [name, value]) => sum + name.length + sizeOf(value), 0);
}

function countyItem(metric: string, code: string, days: number): Item {
  const body: RegionBody = { level: "COUNTY", path: `WORLD/ZZ/90/9001/${code}/`, parent: "region:9001", nameEn: code };
  const county: Subject = { type: "region", id: `region:${code}`, localId: code, body, release: 1, vintage: HEAD };
  // Hashes, because what can be compressed would not fill a megabyte.
  const digits = createHash("shake256", { outputLength: days * 8 })
    .update(code)
    .digest();
  const claims = Array.from({ length: days }, (_, i): Claim => {
    const value = digits.readBigUInt64LE(i * 8).toString();
    return { period: 18_000 + i, value, status: "A", source: "alpha", publishedOn: "", release: 1, note: "" };
  });
  const placement = seriesPlacement({ metric, subject: county.id, frequency: "D" }, county, "data");
  return seriesItem(placement, encodeClaims(claims));
}

function sizeOf({ S, B }: Item[string]): number {
  return Buffer.byteLength(S ?? "") + (B?.length ?? 0);
}

function panelQuery(of: string): string {
  return `query (
    $metric: ID!, $frequency: Frequency, $from: TimePeriod, $to: TimePeriod, $last: Int, $top: Int,
    $status: [ObservationStatus!], $orderBy: PanelOrder, $asOf: ReleaseRef
  ) {
    panel(
      metric: $metric, of: ${of}, frequency: $frequency, from: $from, to: $to, last: $last, top: $top,
      status: $status, orderBy: $orderBy, asOf: $asOf
    ) {
      frequency timePeriods rowCount release { number }
      rows { subject { id } values statuses missing }
    }
  }`;
}
