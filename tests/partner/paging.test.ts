import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REGION_LEVELS } from "../../portal/catalogue/entities.ts";
import {
  type ObservationsRequest,
  type Position,
  readObservationPage,
  readObservations,
} from "../../portal/observations/read.ts";
import type { ObservationRow } from "../../portal/observations/rows.ts";
import { DEFAULT_STATUSES, type Vintage } from "../../portal/series/resolution.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { observation, world } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

/** Days whose notes no compression makes much smaller: the series is stored in two parts. */
const DAYS = 900;
const daily = Array.from({ length: DAYS }, (_, i) => {
  const day = new Date(Date.UTC(2010, 0, 1 + i)).toISOString().slice(0, 10);
  const note = ["a", "b", "c", "d", "e", "f"]
    .map((salt) =>
      createHash("sha512")
        .update(salt + day)
        .digest("base64"),
    )
    .join("");
  return observation(day, `${i}`, { subject_id: "90", note });
});

/** Many subjects with little to say. */
const counties = Array.from({ length: 130 }, (_, i) => `9001${String(i).padStart(3, "0")}`);
const ofCounties = counties.map((code) => observation("2020", "1", { subject_id: code }));

describe.each(engines)("pages of observations on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    await portal.publish(
      madeUp({
        ...world,
        "regions.csv": [
          ...(world["regions.csv"] as readonly MadeRow[]),
          ...counties.map((code) => ({ code, parent_code: "9001", level: "COUNTY", name_en: `County ${code}` })),
        ],
        "observations.csv": [...(world["observations.csv"] as readonly MadeRow[]), ...daily, ...ofCounties],
      }),
    );
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  const requestOf = (vintage: Vintage, more: Partial<ObservationsRequest> = {}): ObservationsRequest => ({
    metric: "data-volume",
    unit: "TB",
    of: { kinds: REGION_LEVELS },
    statuses: DEFAULT_STATUSES,
    vintage,
    ...more,
  });

  async function everything(request: ObservationsRequest, itemsPerCall?: number): Promise<ObservationRow[]> {
    const rows: ObservationRow[] = [];
    const options = itemsPerCall === undefined ? {} : { itemsPerCall };
    for await (const batch of readObservations(await portal.snapshot(), request, options)) {
      for (const series of batch) rows.push(...series.rows);
    }
    return rows;
  }

  async function pages(request: ObservationsRequest, limit: number, between = async () => {}) {
    const read: (readonly ObservationRow[])[] = [];
    let after: Position | undefined;
    do {
      const page = await readObservationPage(await portal.snapshot(), request, { limit, after });
      read.push(page.rows);
      after = page.next ?? undefined;
      await between();
    } while (after);
    return read;
  }

  test("hold every row once, wherever they are cut: between series, in one, between the parts of one", async () => {
    const { vintage, store, scope } = await portal.snapshot();
    const partition = { attribute: "subject", value: "region:90" };
    const parts = await store.queryAll({ table: store.tables.series, index: "bySubject", partition }, scope);
    expect(parts.length).toBeGreaterThan(1);
    const request = requestOf(vintage);
    const whole = await everything(request);
    expect(whole).toHaveLength(3 + DAYS + counties.length);
    expect(await everything(request, 1)).toEqual(whole);
    for (const limit of [40, 401, 5000]) {
      const read = await pages(limit === 40 ? { ...request, of: { kinds: ["COUNTY"] } } : request, limit);
      expect(read.flat()).toEqual(limit === 40 ? whole.slice(-counties.length) : whole);
      expect(Math.max(...read.map((rows) => rows.length))).toBeLessThanOrEqual(limit);
    }
    expect((await pages({ ...request, of: { subject: "region:90" } }, 500)).flat()).toEqual(
      whole.filter(({ series }) => series.subject === "region:90"),
    );
  });

  test("end before a filter that lets nothing through has read everything, and say where to go on", async () => {
    const to = { frequency: "A", index: 1900 } as const;
    const read = await pages(requestOf((await portal.snapshot()).vintage, { to, of: { kinds: ["COUNTY"] } }), 1);
    expect(read.flat()).toEqual([]);
    expect(read.length).toBeGreaterThan(1);
  });

  test("are of one release, whatever is published in between", async () => {
    const request = requestOf((await portal.snapshot()).vintage, { of: { kinds: ["COUNTRY", "COUNTY"] } });
    const whole = await everything(request);
    let releases = 0;
    const publish = async () => {
      releases += 1;
      const code = counties[releases] as string;
      await portal.publish(
        madeUp(
          {
            "observations.csv": [
              observation("2019", "9", { subject_id: code }),
              { ...observation("2020", "1", { subject_id: counties.at(-releases) as string }), action: "D" },
              observation("2022", `${releases}`),
            ],
          },
          "2024-05-01",
          `Meanwhile ${releases}`,
        ),
      );
    };
    expect((await pages(request, 50, publish)).flat()).toEqual(whole);
    expect(releases).toBeGreaterThan(2);
    expect(await everything({ ...request, vintage: (await portal.snapshot()).vintage })).not.toEqual(whole);
  });
});
