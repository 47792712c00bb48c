import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Dataset } from "../portal/formats/dataset.ts";
import { textOfRows, writeRows } from "../portal/formats/dataset.ts";
import { DOCUMENT_FORMATS, ROW_FORMATS } from "../portal/formats/formats.ts";
import { observationJson } from "../portal/formats/json.ts";
import { type ObservationsRequest, readObservations } from "../portal/observations/read.ts";
import type { ObservationRow } from "../portal/observations/rows.ts";
import { DEFAULT_STATUSES } from "../portal/series/resolution.ts";
import { Snapshot } from "../portal/snapshot.ts";
import { callScope } from "../portal/store/calls.ts";
import { type Item, queryInput } from "../portal/store/requests.ts";
import { type Engine, startEngine } from "./engine.ts";
import { fill } from "./fill.ts";
import { median } from "./measure.ts";
import { LATEST_HEAD, packedItem, sampleClaims, sampleRegion } from "./samples.ts";
import { against, markdown, short } from "./table.ts";

/**
 * What it costs to stream a metric in the formats of partners, beside reading the same items page by page and looking
 * at none of them. `node bench/partners.ts [thousands of observations]`; 1,000 unless said otherwise.
 */
const PER_SERIES = 100;
const SERIES = (Number(process.argv[2] ?? 1000) * 1000) / PER_SERIES;
const ROUNDS = 5;
const GOAL = 2;

const METRIC = "streamed";
const dataset: Dataset = {
  metric: { id: METRIC, nameEn: "Streamed", unit: "TB" },
  release: LATEST_HEAD.release,
  releasedAt: "2024-01-01T00:00:00.000Z",
  isUpdate: false,
};

const engine = await startEngine();
await fillSeries(engine);
console.log(`## ${short(SERIES * PER_SERIES)} observations in ${short(SERIES)} series\n`);
console.log(await ratesTable(engine));
console.log("\n## Bytes for an observation, in pages of 1,000\n");
console.log(await bytesTable(engine));
await engine.close();

async function fillSeries({ store }: Engine): Promise<void> {
  const batch: Item[] = [];
  for (let i = 0; i < SERIES; i += 1) {
    const code = String(100_000 + i);
    const region = sampleRegion(code, "COUNTY", `WORLD/CN/${code.slice(0, 2)}/${code}/`, code.slice(0, 2));
    const key = { metric: METRIC, subject: region.id, frequency: "M" } as const;
    batch.push(packedItem(key, region, sampleClaims("2015-01", PER_SERIES, i + 1)));
    if (batch.length === 1000 || i === SERIES - 1) await fill(store, store.tables.series, batch.splice(0));
  }
}

function snapshotOf({ store }: Engine): Snapshot {
  return new Snapshot(store, LATEST_HEAD, callScope(3_600_000));
}

function requestOf({ vintage }: Snapshot): ObservationsRequest {
  return { metric: METRIC, unit: "TB", of: { kinds: ["COUNTY"] }, statuses: DEFAULT_STATUSES, vintage };
}

/** Pages of a megabyte, one after the other. */
async function readRaw({ store }: Engine): Promise<number> {
  const scope = callScope(3_600_000);
  const partition = { attribute: "metricKind", value: `${METRIC}|COUNTY` };
  const query = { table: store.tables.series, index: "byPlace", partition };
  let startAfter: Item | undefined;
  let items = 0;
  do {
    const page = await store.queryPage({ ...query, ...(startAfter ? { startAfter } : {}) }, scope);
    items += page.items.length;
    startAfter = page.next;
  } while (startAfter);
  if (items !== SERIES) throw new Error(`read ${items} items of ${SERIES}`, { cause: queryInput(query) });
  return items * PER_SERIES;
}

async function* batches(from: Engine): AsyncGenerator<readonly ObservationRow[]> {
  const snapshot = snapshotOf(from);
  for await (const batch of readObservations(snapshot, requestOf(snapshot))) {
    for (const { rows } of batch) yield rows;
  }
}

async function stream(from: Engine, name: keyof typeof ROW_FORMATS): Promise<number> {
  let rows = 0;
  let bytes = 0;
  const counted = async function* () {
    for await (const batch of batches(from)) {
      rows += batch.length;
      yield batch;
    }
  };
  for await (const chunk of writeRows(ROW_FORMATS[name], dataset, counted())) bytes += chunk.length;
  if (bytes < rows) throw new Error(`${name}: ${bytes} bytes`);
  return rows;
}

async function ratesTable(from: Engine): Promise<string> {
  const works: Record<string, () => Promise<number>> = {
    "read page by page": () => readRaw(from),
    ...Object.fromEntries(
      (Object.keys(ROW_FORMATS) as (keyof typeof ROW_FORMATS)[]).map((name) => [name, () => stream(from, name)]),
    ),
  };
  const measured = new Map(Object.keys(works).map((name) => [name, { ms: [] as number[], peak: 0 }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      const found = measured.get(name);
      const watch = setInterval(() => {
        if (found) found.peak = Math.max(found.peak, process.memoryUsage().rss);
      }, 20);
      const began = performance.now();
      const rows = await work();
      found?.ms.push(performance.now() - began);
      clearInterval(watch);
      if (rows !== SERIES * PER_SERIES) throw new Error(`${name}: ${rows} rows`);
    }
  }
  const raw = measured.get("read page by page")?.ms ?? [];
  // Each beside the raw read of its own round: what else runs on the machine changes from round to round.
  const beside = (ms: readonly number[]) => median(ms.map((each, round) => each / (raw[round] as number)));
  return markdown(
    ["", "observations a second", "time beside the raw read", "most memory"],
    [...measured].map(([name, { ms, peak }]) => [
      name,
      short(Math.round((SERIES * PER_SERIES) / (median(ms) / 1000))),
      name in ROW_FORMATS ? against(beside(ms), GOAL) : "",
      `${Math.round(peak / 1e6)} MB`,
    ]),
  );
}

async function bytesTable(from: Engine): Promise<string> {
  const rows: ObservationRow[] = [];
  for await (const batch of batches(from)) {
    rows.push(...batch);
    if (rows.length >= 1000) break;
  }
  const page = rows.slice(0, 1000);
  const lines = (name: keyof typeof ROW_FORMATS) => textOfRows(ROW_FORMATS[name], dataset, page);
  const texts: Record<string, string> = {
    json: JSON.stringify({ items: page.map(observationJson), next: null }),
    csv: lines("csv"),
    ndjson: lines("ndjson"),
    "sdmx-csv": lines("sdmx-csv"),
    "sdmx-json": DOCUMENT_FORMATS["sdmx-json"](dataset, page),
    jsonstat: DOCUMENT_FORMATS.jsonstat(dataset, page),
  };
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
  return markdown(
    ["format", "as it is", "gzip", "Brotli"],
    Object.entries(texts).map(([name, text]) => [
      name,
      ...[Buffer.byteLength(text), gzipSync(text).length, brotliCompressSync(text, brotli).length].map((bytes) =>
        short(bytes / page.length),
      ),
    ]),
  );
}
