import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { histories, holdsForHistories, publishHistory } from "../support/histories.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { askRecorded } from "../support/recorded-queries.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";

interface Recorded {
  readonly number: number;
  readonly publishedOn: string;
  readonly answer: unknown;
}

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  beforeAll(async () => {
    running = await engine.start();
  });
  afterAll(() => running.stop());

  test("what was said when a release was HEAD is said as of it ever after", { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(histories, async (history) => {
      const portal = await openPortal(running);
      const recorded: Recorded[] = [];
      await publishHistory(portal, history, async ({ number, publishedOn }) => {
        recorded.push({ number, publishedOn, answer: await askRecorded(portal.ask, null) });
      });
      for (const [i, { number, publishedOn, answer }] of recorded.entries()) {
        expect(await askRecorded(portal.ask, number), `as of ${number}`).toEqual(answer);
        const newestOfDay = recorded[i + 1]?.publishedOn !== publishedOn;
        if (newestOfDay) expect(await askRecorded(portal.ask, publishedOn), `as of ${publishedOn}`).toEqual(answer);
      }
      await portal.close();
    });
    await holdsForHistories(property);
  });

  describe("after changes to what the numbers are about,", () => {
    let portal: TestPortal;
    const recorded = new Map<string, unknown>();

    const renamings: MadeFiles = {
      "regions.csv": [{ code: "ZZ", level: "COUNTRY", name_en: "Republic of Zedland", name_zh: "泽国" }],
      "metrics.csv": [{ id: "data-volume", name_en: "Data held", unit: "TB", topic: "data", maximum: "1000" }],
      "sources.csv": [{ id: "yearbook-2023", title: "Yearbook 2023, second edition", published_on: "2023-10-01" }],
    };
    const departures: MadeFiles = {
      "regions.csv": [{ code: "9002", parent_code: "91", level: "PREFECTURE" }],
      "platforms.csv": [
        { id: "north-open-data", name_en: "North Open Data", kind: "OPEN_DATA", region_code: "9101" },
        { id: "southport-cloud", name_en: "Southport Cloud", kind: "CLOUD", region_code: "9101" },
      ],
    };
    const withdrawals: MadeFiles = {
      "observations.csv": [
        { metric_id: "datasets", subject_type: "PLATFORM", subject_id: "southport-cloud", action: "D" },
      ],
    };
    const deletions: MadeFiles = {
      "platforms.csv": [{ id: "southport-cloud", action: "D", kind: "CLOUD", name_en: "" }],
    };

    beforeAll(async () => {
      portal = await openPortal(running);
      const more: MadeFiles = {
        "observations.csv": [
          ...["90", "91", "9001", "9002", "9101", "9102"].map((id, i) =>
            observation("2022", `${10 + i}`, { subject_id: id }),
          ),
          observation("2023-09", "7", {
            metric_id: "datasets",
            subject_type: "PLATFORM",
            subject_id: "southport-cloud",
          }),
        ],
      };
      await portal.publish(firstRelease, madeUp(more, "2024-02-01", "More"));
      for (const [name, query] of Object.entries(QUERIES)) recorded.set(name, await ask(portal, query, null));
      const importer = portal.importer(undefined, { graceMs: 0 });
      const later = [renamings, departures, withdrawals, deletions];
      for (const [i, files] of later.entries())
        await importer.publish(madeUp(files, `2024-0${i + 3}-01`, `Later ${i}`));
    });
    afterAll(() => portal.close());

    const QUERIES = {
      "names and titles": `query ($asOf: ReleaseRef) {
        series(metric: "data-volume", subject: "ZZ", asOf: $asOf) {
          metric { name { text } maximum } subject { id name { text } }
          latest { source { title publishedOn } }
        }
      }`,
      "the series of a subject that is gone": `query ($asOf: ReleaseRef) {
        series(metric: "datasets", subject: "platform:southport-cloud", asOf: $asOf) {
          subject { id name { text } } observations { timePeriod value }
        }
      }`,
      "a panel of regions of which one went elsewhere": `query ($asOf: ReleaseRef) {
        panel(metric: "data-volume", of: { childrenOf: "90" }, asOf: $asOf) {
          timePeriods rows { subject { id } values }
        }
      }`,
      "a panel of regions to which one came": `query ($asOf: ReleaseRef) {
        panel(metric: "data-volume", of: { regions: { within: "91", level: PREFECTURE } }, asOf: $asOf) {
          timePeriods rows { subject { id } values }
        }
      }`,
      "a panel of platforms of which one moved and one is gone": `query ($asOf: ReleaseRef) {
        panel(metric: "datasets", of: { subjects: { kind: PLATFORM, within: "ZZ" } }, asOf: $asOf) {
          timePeriods rows { subject { id name { text } } values }
        }
      }`,
      "a panel of where a platform was": `query ($asOf: ReleaseRef) {
        panel(metric: "datasets", of: { subjects: { kind: PLATFORM, within: "90" } }, asOf: $asOf) {
          timePeriods rows { subject { id } values }
        }
      }`,
      "a share of a parent that is another now": `query ($asOf: ReleaseRef) {
        series(metric: "data-volume", subject: "9002", asOf: $asOf) {
          shareOfParent { timePeriod value undefined derivedFrom { value } } rank(timePeriod: "2022") { rank outOf }
        }
      }`,
    };

    test.each(Object.entries(QUERIES))("%s are as they were", async (name, query) => {
      expect(await ask(portal, query, 2)).toEqual(recorded.get(name));
      expect(await ask(portal, query, "2024-02-29")).toEqual(recorded.get(name));
    });
  });
});

async function ask(portal: TestPortal, query: string, asOf: number | string | null): Promise<unknown> {
  const { data, errors } = await portal.ask(query, { asOf });
  expect(errors).toEqual([]);
  return data;
}
