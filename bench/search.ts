import MiniSearch from "minisearch";
import { blockCountFor, blockOf, decodeBlock, encodeBlock } from "../portal/search/blocks.ts";
import type { SearchDocument, SearchedType } from "../portal/search/documents.ts";
import { parseQuery } from "../portal/search/query.ts";
import { search } from "../portal/search/search.ts";
import { buildIndex, type SearchIndex } from "../portal/search/search-index.ts";
import { suggest } from "../portal/search/suggest.ts";
import { documentsOf, sampleBodies, sampleQueries } from "./search-samples.ts";
import { markdown, short } from "./table.ts";

/**
 * What search costs: making the documents of an index at publication, its size in the store and in memory, loading it,
 * and queries. Beside it MiniSearch as it is, on the same names. Sizes may be given: `npm run bench:search -- 4000`.
 */
const SIZES = process.argv.slice(2).map(Number);
const QUERIES = 1000;
/** MiniSearch takes tens of milliseconds for many of them. */
const COMPARED = 96;

const stored: Row[] = [];
const asked: Row[] = [];

for (const size of SIZES.length > 0 ? SIZES : [4_000, 20_000, 100_000]) {
  const bodies = sampleBodies(size);
  const [documents, making] = await cpuOf(() => documentsOf(bodies));
  const [blocks, encoding] = await cpuOf(async () => encodedBlocks(documents));
  const bytes = [...blocks.values()].flat().map(({ length }) => length);
  const before = heap();
  const [index, loading] = await cpuOf(async () => load(blocks));
  const memory = heap() - before;
  stored.push({
    entities: size,
    "documents, ms": Math.round(making),
    "blocks, ms": Math.round(encoding),
    blocks: bytes.length,
    "KB stored": Math.round(bytes.reduce((sum, n) => sum + n, 0) / 1000),
    "largest block, KB": Math.round(Math.max(...bytes) / 100) / 10,
    "load, ms": Math.round(loading),
    "MB in memory": Math.round(memory / 1e6),
  });
  const queries = sampleQueries([...documents.values()].flat(), QUERIES);
  asked.push({ entities: size, work: "search", ...measure(queries, (text) => searchIn(index, text)) });
  asked.push({
    entities: size,
    work: "suggest",
    ...measure(queries, (text) => suggest(index, parseQuery(text, index.places), {}, 8)),
  });
  const mini = miniSearchOf(index);
  asked.push({ entities: size, work: "MiniSearch", ...measure(queries.slice(0, COMPARED), (text) => mini(text)) });
}

console.log("## The index\n");
console.log(tableOf(stored));
console.log(`\n## ${QUERIES} queries, CPU of one thread (goal at 20,000 entities: p99 ≤ 5 ms)\n`);
console.log(tableOf(asked));

type Row = Readonly<Record<string, string | number>>;

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => Object.values(row).map((cell) => (typeof cell === "number" ? short(cell) : cell)));
  return markdown(Object.keys(rows[0] ?? {}), cells);
}

/** CPU of all threads of the process, in milliseconds. */
async function cpuOf<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return [result, (user + system) / 1000];
}

function encodedBlocks(documents: ReadonlyMap<SearchedType, SearchDocument[]>): Map<SearchedType, Uint8Array[]> {
  return new Map(
    Array.from(documents, ([type, all]) => {
      const count = blockCountFor(all.length);
      const members = Map.groupBy(all, ({ localId }) => blockOf(localId, count));
      return [type, Array.from(members.values(), encodeBlock)];
    }),
  );
}

function load(blocks: ReadonlyMap<SearchedType, Uint8Array[]>): SearchIndex {
  return buildIndex(
    1,
    new Map(Array.from(blocks, ([type, all]) => [type, all.flatMap((body) => decodeBlock({ body: { B: body } }))])),
  );
}

function searchIn(index: SearchIndex, text: string): unknown {
  return search(index, parseQuery(text, index.places), {}).page({ limit: 20, backward: false });
}

/** What it finds is fewer things in another order; the settings are those that come nearest. */
function miniSearchOf({ documents }: SearchIndex): (text: string) => unknown {
  const mini = new MiniSearch({
    fields: ["en", "zh", "pinyin"],
    idField: "n",
    tokenize: (text) => text.split(/[\s.-]+/),
  });
  mini.addAll(documents.map(({ en, zh, pinyin }, n) => ({ n, en, zh: [...zh].join(" "), pinyin: pinyin.join("") })));
  const options = {
    prefix: true,
    fuzzy: (term: string) => (term.length >= 5 ? 1 : false),
    combineWith: "AND" as const,
  };
  return (text) => mini.search(text.replace(/(\p{Script=Han})/gu, " $1 "), options).slice(0, 20);
}

function measure(queries: readonly string[], work: (text: string) => unknown): Record<string, number> {
  const timeOf = timer(work);
  for (const text of queries.slice(0, COMPARED)) work(text);
  // One thread that never waits: the quickest of three is its CPU, what the machine does meanwhile left out. Counters of
  // CPU tick too coarsely for single queries.
  const times = queries.map((text) => Math.min(timeOf(text), timeOf(text), timeOf(text)));
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 100) / 100;
  const total = times.reduce((sum, time) => sum + time, 0);
  return {
    "per second": Math.round((1000 * times.length) / total),
    "p50, ms": at(0.5),
    "p99, ms": at(0.99),
    "max, ms": at(1),
  };
}

function timer(work: (text: string) => unknown): (text: string) => number {
  return (text) => {
    const start = performance.now();
    work(text);
    return performance.now() - start;
  };
}

function heap(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
