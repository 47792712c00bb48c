import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { parse } from "csv-parse";
import type { ListRequest } from "../portal/catalogue/list-plan.ts";
import { Portal } from "../portal/portal.ts";
import { releaseFolder } from "../portal/releases/files/folder.ts";
import { Publisher } from "../portal/releases/publish.ts";
import { callScope } from "../portal/store/calls.ts";
import { chunks, type Item } from "../portal/store/requests.ts";
import { writeCity } from "./city.ts";
import { type Engine, startEngine } from "./engine.ts";
import { writeHierarchy } from "./hierarchy.ts";
import { createObservationTable, OBSERVATION_TABLE } from "./observation-items.ts";
import { markdown, short } from "./table.ts";
import { countWrites } from "./write-units.ts";

/**
 * What publishing costs: rows a second, memory, write units, at three sizes, beside one item per observation on the
 * same engine; then the whole official hierarchy, and what pages of it cost. Arguments: the sizes to publish, and
 * `hierarchy` for that; all of it without arguments.
 */
const SIZES = [500_000, 5_300_000, 20_000_000];
const SAMPLE = 50_000;

const LISTS: readonly { readonly name: string; readonly list: Omit<ListRequest, "order">; readonly limit: number }[] = [
  { name: "children of 370704008, 1 a page", list: { type: "region", parent: "region:370704008" }, limit: 1 },
  { name: "all within 52, 20 a page", list: { type: "region", within: "WORLD/CN/52/" }, limit: 20 },
  {
    name: "villages within 52, 20 a page",
    list: { type: "region", kind: "VILLAGE", within: "WORLD/CN/52/" },
    limit: 20,
  },
  { name: "villages of the country, 20 a page", list: { type: "region", kind: "VILLAGE" }, limit: 20 },
];

const asked = process.argv.slice(2);
const sizes = asked.length === 0 ? SIZES : asked.map(Number).filter(Number.isFinite);
if (sizes.length > 0) await measureCities();
if (asked.length === 0 || asked.includes("hierarchy")) await measureHierarchy();

interface Measured {
  readonly rows: number;
  readonly seconds: number;
  readonly units: number;
  readonly unitsWithIndexes: number;
  readonly peakMegabytes: number;
}

async function measureCities(): Promise<void> {
  const plain = await onEngine((engine) => inFolder((folder) => measurePlain(engine, folder)));
  const perRow = plain.seconds / plain.rows;
  const table = [["one item per observation (sample)", ...cellsOf(plain), "", ""]];
  for (const size of sizes) {
    const packed = await onEngine((engine) => inFolder((folder) => measurePacked(engine, folder, size)));
    const faster = (perRow * packed.rows) / packed.seconds;
    const fewer = ((plain.unitsWithIndexes / plain.rows) * packed.rows) / packed.unitsWithIndexes;
    const goals = [`${faster.toFixed(1)} × (goal ≥ 12)`, `${fewer.toFixed(1)} × (goal ≥ 20)`];
    table.push(["published", ...cellsOf(packed), ...goals]);
  }
  const head = [
    "way of writing",
    "rows",
    "rows/s (goal ≥ 60,000)",
    "peak MB (goal ≤ 1,000)",
    "write units",
    "with indexes",
  ];
  console.log(`\n${markdown([...head, "faster", "fewer units"], table)}`);
}

function cellsOf({ rows, seconds, peakMegabytes, units, unitsWithIndexes }: Measured): string[] {
  return [rows, rows / seconds, peakMegabytes, units, unitsWithIndexes].map((n) => short(Math.round(n)));
}

/** Every observation an item of its own, 25 a call, as many calls under way as the publisher has. */
async function measurePlain({ client }: Engine, folder: string): Promise<Measured> {
  await writeCity(folder, SAMPLE);
  await createObservationTable(client, true);
  const units = countWrites(client);
  return measure(units, async () => {
    const items: Item[] = [];
    const rows = createReadStream(join(folder, "observations.csv")).pipe(parse({ columns: true }));
    for await (const row of rows as AsyncIterable<Record<string, string>>) items.push(plainItem(row));
    const batches = chunks(items, 25);
    let next = 0;
    const worker = async () => {
      for (let batch = batches[next++]; batch; batch = batches[next++]) {
        const requests = batch.map((item) => ({ PutRequest: { Item: item } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [OBSERVATION_TABLE]: requests } }));
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    return items.length;
  });
}

function plainItem(row: Record<string, string>): Item {
  const subject = `${row.subject_type}:${row.subject_id}`;
  return {
    subject: { S: subject },
    metricPeriod: { S: `${row.metric_id}|${row.time_period}` },
    series: { S: `${row.metric_id}/${subject}` },
    period: { S: row.time_period ?? "" },
    value: { N: row.value ?? "0" },
    status: { S: row.obs_status ?? "" },
    source: { S: row.source_id ?? "" },
    publishedOn: { S: row.published_on ?? "" },
  };
}

async function measurePacked({ client, store }: Engine, folder: string, size: number): Promise<Measured> {
  await writeCity(folder, size);
  const units = countWrites(client);
  const publisher = new Publisher({ store, owner: "bench" });
  return measure(units, async () => (await publisher.publish(await releaseFolder(folder))).claims);
}

async function measure(units: ReturnType<typeof countWrites>, work: () => Promise<number>): Promise<Measured> {
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  units.reset();
  const began = performance.now();
  const rows = await work();
  const seconds = (performance.now() - began) / 1000;
  clearInterval(sampling);
  return { rows, seconds, units: units.table, unitsWithIndexes: units.withIndexes, peakMegabytes: peak / 1e6 };
}

async function measureHierarchy(): Promise<void> {
  await onEngine((engine) =>
    inFolder(async (folder) => {
      const regions = await writeHierarchy(folder);
      const units = countWrites(engine.client);
      const publisher = new Publisher({ store: engine.store, owner: "bench" });
      const { seconds, peakMegabytes } = await measure(
        units,
        async () => (await publisher.publish(await releaseFolder(folder))).rows,
      );
      const [time, peak] = [short(Math.round(seconds)), short(Math.round(peakMegabytes))];
      const written = `${short(units.table)} write units, ${short(units.withIndexes)} with indexes`;
      console.log(`\n${short(regions)} regions published in ${time} s, peak ${peak} MB, ${written}\n`);
      console.log(await pagesTable(engine));
    }),
  );
}

/** What the first page of a list costs, and the thousandth or last. */
async function pagesTable({ store }: Engine): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const { name, list, limit } of LISTS) {
    const request: ListRequest = { ...list, order: { field: "REGION", descending: false } };
    let after: string | undefined;
    let first: string[] = [];
    let cost: string[] = [];
    let page = 0;
    for (let more = true; more && page < 1000; page += 1) {
      const scope = callScope();
      const snapshot = await new Portal({ store }).snapshot(scope);
      const before = { calls: scope.meter.calls, units: scope.meter.readUnits };
      const read = await snapshot.list(request, { limit, backward: false, ...(after === undefined ? {} : { after }) });
      cost = [`${scope.meter.calls - before.calls}`, `${scope.meter.readUnits - before.units}`];
      if (page === 0) first = cost;
      after = read.entries.at(-1)?.position;
      more = read.hasNextPage;
    }
    rows.push([name, ...first, page, ...cost]);
  }
  return markdown(["list", "calls, first page", "read units", "page", "calls, that page", "read units"], rows);
}

async function onEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await startEngine();
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "gazetteer-bench-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
