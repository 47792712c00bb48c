import type { SeriesKey } from "../portal/identifiers.ts";
import { vintageOf } from "../portal/releases/head.ts";
import { readSeries } from "../portal/series/read.ts";
import { resolve } from "../portal/series/resolution.ts";
import { type CallScope, callScope } from "../portal/store/calls.ts";
import type { Engine } from "./engine.ts";
import { fill } from "./fill.ts";
import { cpuPerCall } from "./measure.ts";
import { OBSERVATION_TABLE, observationItem, readObservationItems } from "./observation-items.ts";
import { LATEST_HEAD, packedItem, sampleClaims, sampleRegion } from "./samples.ts";
import { against, markdown, short } from "./table.ts";

const LATEST = vintageOf(LATEST_HEAD);

interface Case {
  readonly key: SeriesKey;
  readonly length: number;
  /** Goals as shares of the baseline. */
  readonly capacityGoal: number;
  readonly cpuGoal: number;
  readonly calls: number;
}

const CASES: readonly Case[] = [
  { key: seriesOf("short"), length: 100, capacityGoal: 1 / 3, cpuGoal: 1 / 3, calls: 40 },
  { key: seriesOf("long"), length: 1000, capacityGoal: 1 / 5, cpuGoal: 1 / 6, calls: 10 },
];

function seriesOf(metric: string): SeriesKey {
  return { metric, subject: "region:CN", frequency: "M" };
}

/**
 * One series, packed, against one item per observation: what a read is charged, and what it costs the client. Both with
 * the SDK as it comes.
 */
export async function seriesTable({ plain: { store } }: Engine): Promise<string> {
  const country = sampleRegion("CN", "COUNTRY", "WORLD/CN/", "WORLD");
  const rows: string[][] = [];
  for (const { key, length, capacityGoal, cpuGoal, calls } of CASES) {
    const claims = sampleClaims("1930-01", length);
    await fill(store, store.tables.series, [packedItem(key, country, claims)]);
    await fill(
      store,
      OBSERVATION_TABLE,
      claims.map((claim) => observationItem(key, claim)),
    );
    const packed = async (scope: CallScope) => {
      const [record] = await readSeries(store, key.subject, key.metric, scope);
      return resolve(record?.claims ?? [], LATEST);
    };
    const single = (scope: CallScope) => readObservationItems(store, key, scope);
    const [packedUnits, singleUnits] = [await unitsOf(packed, length), await unitsOf(single, length)];
    const missing = { id: { S: "nothing" } };
    const cpu = await cpuPerCall(
      {
        packed: () => packed(callScope()),
        single: () => single(callScope()),
        // What the client library spends on a call that finds nothing: no design saves that.
        empty: () => store.get(store.tables.catalogue, missing, callScope()),
      },
      { calls },
    );
    const above = { packed: cpu.packed - cpu.empty, single: cpu.single - cpu.empty };
    rows.push(
      [
        `${length} observations: read capacity`,
        units(singleUnits),
        units(packedUnits),
        against(packedUnits / singleUnits, capacityGoal),
      ],
      [
        `${length} observations: client CPU`,
        micros(cpu.single),
        micros(cpu.packed),
        against(cpu.packed / cpu.single, cpuGoal),
      ],
      [
        `of it above an empty call (${micros(cpu.empty)})`,
        micros(above.single),
        micros(above.packed),
        short(above.packed / above.single),
      ],
    );
  }
  return markdown(["one series", "an item per observation", "packed", "ratio"], rows);
}

/** The capacity of one read, after making sure that it reads all there is. */
async function unitsOf(read: (scope: CallScope) => Promise<readonly unknown[]>, length: number): Promise<number> {
  const scope = callScope();
  const found = await read(scope);
  if (found.length !== length) throw new Error(`read ${found.length} observations of ${length}`);
  return scope.meter.readUnits;
}

function units(n: number): string {
  return `${short(n)} RCU`;
}

function micros(n: number): string {
  return `${short(n / 1000)} ms`;
}
