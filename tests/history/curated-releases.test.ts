import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publishAll } from "../../local/publish.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";

const RELEASES = join(import.meta.dirname, "..", "..", "data", "releases");

/** The releases that ship with the project, one engine being enough: what engines differ in is tested elsewhere. */
describe("in the curated releases", () => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await (engines[0] as (typeof engines)[number]).start();
    portal = await openPortal(running);
    await publishAll(portal.importer(), RELEASES);
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  const ANNOTATED = `query ($asOf: ReleaseRef) {
    series(metric: "annotated-data", subject: "CN", asOf: $asOf) {
      unit latest { timePeriod value source { id } note }
      notices { code timePeriod values message release { number publishedOn } }
    }
    whole: series(metric: "data-production", subject: "CN", asOf: $asOf) {
      unit observations(from: "2025", to: "2025") { value status }
    }
  }`;

  test("seventeen trillion terabytes of annotated data are noticed once the whole is known", async () => {
    const { data, errors } = await portal.ask(ANNOTATED);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      series: {
        unit: "TB",
        latest: {
          timePeriod: "2025",
          value: "17000000000000",
          source: { id: "source:asianfin-2025-05-19" },
          note: expect.stringContaining("17 trillion"),
        },
        notices: [
          {
            code: "PART_EXCEEDS_WHOLE",
            timePeriod: "2025",
            // 52.26 ZB in TB.
            values: ["17000000000000", "52260000000"],
            message: "a part of data-production is 325.3 times the whole",
            release: { number: 38, publishedOn: "2026-11-22" },
          },
        ],
      },
      whole: { unit: "ZB", observations: [{ value: "52.26", status: "A" }] },
    });
  });

  test("before that there was a forecast of the whole, which says nothing", async () => {
    const { data } = await portal.ask(ANNOTATED, { asOf: 37 });
    expect(data).toMatchObject({
      series: { latest: { value: "17000000000000" }, notices: [] },
      whole: { observations: [{ value: "48.6", status: "F" }] },
    });
  });

  test.each([
    ["2024-01-24", ["F 9.3"]],
    ["2024-03-31", ["E 9.5", "F 9.3"]],
    ["2024-06-30", ["A 32.85", "P 32", "E 9.5", "F 9.3"]],
    [undefined, ["A 32", "A 32.85", "P 32", "E 9.5", "F 9.3"]],
  ])("what is said of the data produced in 2023 grows and nothing is lost, as of %s", async (asOf, expected) => {
    const query = `query ($asOf: ReleaseRef) {
      series(metric: "data-production", subject: "CN", frequency: A, asOf: $asOf) {
        observations(from: "2023", to: "2023") { value status alternatives { value status } }
      }
    }`;
    const { data } = await portal.ask<Told>(query, { asOf });
    const said = data.series.observations.flatMap(({ alternatives, ...headline }) => [headline, ...alternatives]);
    expect(said.map(({ status, value }) => `${status} ${value}`)).toEqual(expected);
  });
});

interface Told {
  readonly series: { readonly observations: readonly (Claim & { readonly alternatives: readonly Claim[] })[] };
}

interface Claim {
  readonly value: string;
  readonly status: string;
}
