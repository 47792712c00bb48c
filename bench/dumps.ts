import { countItem } from "../portal/catalogue/counts.ts";
import { entityItem } from "../portal/catalogue/items.ts";
import { placementOf } from "../portal/catalogue/placement.ts";
import type { DumpWriter } from "../portal/export/dump-store.ts";
import { DUMP_FORMAT_NAMES, type DumpFormatName } from "../portal/export/formats.ts";
import type { DumpedTable } from "../portal/export/manifest.ts";
import { writePortal } from "../portal/export/write-portal.ts";
import { Snapshot } from "../portal/snapshot.ts";
import { callScope } from "../portal/store/calls.ts";
import type { Item } from "../portal/store/requests.ts";
import { type Engine, startEngine } from "./engine.ts";
import { fill } from "./fill.ts";
import { LATEST_HEAD, packedItem, sampleClaims, sampleRegion } from "./samples.ts";
import { markdown, short } from "./table.ts";

/**
 * What a dump costs: rows a second, memory and read units, format by format and all at once, at two sizes. What is
 * written is thrown away. `node bench/dumps.ts [thousands of observations]…`; 250 and 1,000 unless said otherwise.
 */
const PER_SERIES = 100;
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [250, 1000];
const METRIC = "streamed";
const FORMATS: Readonly<Record<string, readonly DumpFormatName[]>> = {
  ...Object.fromEntries(DUMP_FORMAT_NAMES.map((name) => [name, [name]])),
  "all at once": DUMP_FORMAT_NAMES,
};

const NOWHERE: DumpWriter = {
  write: async (_key, body) => {
    for await (const _chunk of body);
  },
  writeDocument: async () => undefined,
};

for (const size of SIZES) {
  const engine = await startEngine();
  const observations = size * 1000;
  await fillPortal(engine, observations / PER_SERIES);
  console.log(`## ${short(observations)} observations and as many claims\n`);
  const rows: string[][] = [];
  for (const [name, formats] of Object.entries(FORMATS))
    rows.push([name, ...(await measure(engine, formats, observations))]);
  const heads = ["", "rows a second", "most memory", "read units", "bytes an observation", "bytes a claim"];
  console.log(`${markdown(heads, rows)}\n`);
  await engine.close();
}

async function fillPortal({ store }: Engine, series: number): Promise<void> {
  const { release } = LATEST_HEAD;
  const metric = { nameEn: "Streamed", unit: "TB", topic: "measured" };
  const published = { title: "Bench", publisher: "Bench", publishedOn: "2024-01-01", knownOn: "2024-01-01" };
  const counted = { claims: series * PER_SERIES, entities: 1, changes: 0, lastChange: 0 };
  const body = { ...published, committedAt: "2024-01-01T00:00:00Z", digest: "", ...counted };
  await fill(store, store.tables.catalogue, [
    entityItem(`metric:${METRIC}`, [{ release: 1, body: metric }], placementOf("metric", METRIC, metric)),
    entityItem(`release:${release}`, [{ release, body }], placementOf("release", `${release}`, body)),
    countItem("all", [{ release: 1, body: { metric: { measured: 1 } } }]),
  ]);
  const batch: Item[] = [];
  for (let i = 0; i < series; i += 1) {
    const code = String(100_000 + i);
    const region = sampleRegion(code, "COUNTY", `WORLD/CN/${code.slice(0, 2)}/${code}/`, code.slice(0, 2));
    const key = { metric: METRIC, subject: region.id, frequency: "M" } as const;
    batch.push(packedItem(key, region, sampleClaims("2015-01", PER_SERIES, i + 1)));
    if (batch.length === 1000 || i === series - 1) await fill(store, store.tables.series, batch.splice(0));
  }
}

async function measure({ store }: Engine, formats: readonly DumpFormatName[], observations: number): Promise<string[]> {
  const scope = callScope(3_600_000);
  const snapshot = new Snapshot(store, LATEST_HEAD, scope);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const began = performance.now();
  const target = { store: NOWHERE, release: LATEST_HEAD.release, formats, keyOf: (name: string) => name };
  const { tables } = await writePortal(snapshot, target, () => undefined);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  return [
    short(Math.round((2 * observations) / seconds)),
    `${Math.round(peak / 1e6)} MB`,
    short(scope.meter.readUnits),
    perRow(tables, "observations"),
    perRow(tables, "claims"),
  ];
}

function perRow(tables: readonly DumpedTable[], name: string): string {
  const table = tables.find((each) => each.name === name);
  return (table?.files ?? []).map(({ bytes }) => short(bytes / (table?.rows ?? 1))).join(" + ");
}
