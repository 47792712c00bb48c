import { isDeepStrictEqual } from "node:util";
import type { Snapshot } from "../snapshot.ts";
import type { DumpStore, StoredDocument } from "./dump-store.ts";
import { ENTITY_TABLES } from "./entity-tables.ts";
import { DUMP_FORMAT_NAMES } from "./formats.ts";
import {
  type DumpedTable,
  documentText,
  fileKey,
  LATEST_KEY,
  type Manifest,
  manifestKey,
  parseManifest,
  type StoredFile,
} from "./manifest.ts";
import { manifestOf } from "./manifest-of.ts";
import { SERIES_TABLES } from "./series-tables.ts";
import { storeText } from "./store-text.ts";
import type { TableTarget } from "./table-writer.ts";
import { changedTables } from "./unchanged.ts";
import { type BetweenBatches, TABLE_GROUPS, writeGroup } from "./write-portal.ts";

export interface DumpOptions {
  readonly store: DumpStore;
  /** Called between one batch and the next; what it throws ends the dump, which goes on with the next table another time. */
  readonly between?: BetweenBatches;
  /** Hears of each group of tables that is done. */
  readonly onTables?: (tables: readonly DumpedTable[], how: "WRITTEN" | "RESUMED" | "UNCHANGED") => void;
}

export interface DumpResult {
  /** Null before the first release. */
  readonly manifest: Manifest | null;
  /** False where the dump of this release, or of a later one, stood already. */
  readonly written: boolean;
}

/**
 * Writes the portal as of the snapshot's HEAD, table by table, the manifest last. May be called again, and at the same
 * time: it goes on behind the last table that was finished, and equal releases make equal bytes. What did not change
 * since the latest dump is not written again.
 */
export async function dumpRelease(snapshot: Snapshot, options: DumpOptions): Promise<DumpResult> {
  const { store, onTables } = options;
  const { release } = snapshot.head;
  const latest = await readLatest(store);
  if (release === 0) return { manifest: null, written: false };
  if (latest.manifest && latest.manifest.release >= release) return { manifest: latest.manifest, written: false };

  const reusable = await reusableTables(snapshot, store, latest.manifest);
  const tables: DumpedTable[] = [];
  let coverage: StoredFile | undefined;
  for (const group of TABLE_GROUPS) {
    const done = reusable(group) ?? (await resumed(store, release, group)) ?? (await write(group, snapshot, options));
    tables.push(...done.tables);
    coverage = done.coverage ?? coverage;
    onTables?.(done.tables, done.how);
  }
  const manifest = await manifestOf(snapshot, tables, coverage as StoredFile);
  await store.writeDocument(manifestKey(release), documentText(manifest));
  await moveLatest(store, manifest, latest);
  return { manifest, written: true };
}

interface Group {
  readonly tables: readonly DumpedTable[];
  /** Of the group of series. */
  readonly coverage?: StoredFile;
}

type DoneGroup = Group & { readonly how: "WRITTEN" | "RESUMED" | "UNCHANGED" };

interface Latest {
  readonly manifest: Manifest | undefined;
  readonly document: StoredDocument | null;
}

async function readLatest(store: DumpStore): Promise<Latest> {
  const document = (await store.read(LATEST_KEY)) ?? null;
  return { document, manifest: document ? parseManifest(document.text) : undefined };
}

/** The groups of the latest dump that no release has changed since, whose columns are the same, and which are all there. */
async function reusableTables(snapshot: Snapshot, store: DumpStore, manifest: Manifest | undefined) {
  if (!manifest) return () => undefined;
  const changed = await changedTables(snapshot, manifest);
  const reusable = new Map<string, DumpedTable>();
  for (const { name, columns } of [...ENTITY_TABLES, ...SERIES_TABLES]) {
    const table = manifest.tables.find((each) => each.name === name);
    if (!table || changed.has(name) || !isDeepStrictEqual(table.columns, columns)) continue;
    if (await isThere(store, table.files)) reusable.set(name, table);
  }
  const coverage = (await isThere(store, [manifest.coverage])) ? manifest.coverage : undefined;
  return (group: readonly string[]): DoneGroup | undefined => {
    const tables = group.map((name) => reusable.get(name)).filter((table) => table !== undefined);
    if (tables.length < group.length) return undefined;
    if (!isSeriesGroup(group)) return { tables, how: "UNCHANGED" };
    return coverage && { tables, coverage, how: "UNCHANGED" };
  };
}

function isSeriesGroup(group: readonly string[]): boolean {
  return SERIES_TABLES.some(({ name }) => group.includes(name));
}

async function isThere(store: DumpStore, files: readonly StoredFile[]): Promise<boolean> {
  const sizes = await Promise.all(files.map(({ key }) => store.sizeOf(key)));
  return files.every(({ bytes }, i) => bytes === sizes[i]);
}

/** What an earlier invocation finished of this very dump. */
async function resumed(store: DumpStore, release: number, group: readonly string[]): Promise<DoneGroup | undefined> {
  const document = await store.read(checkpointKey(release, group));
  return document && { ...(JSON.parse(document.text) as Group), how: "RESUMED" };
}

async function write(group: readonly string[], snapshot: Snapshot, options: DumpOptions): Promise<DoneGroup> {
  const { store, between = () => undefined } = options;
  const { release } = snapshot.head;
  const keyOf = (name: string) => fileKey(release, name);
  const target: TableTarget = { store, release, formats: DUMP_FORMAT_NAMES, keyOf };
  const { tables, coverage } = await writeGroup(group, snapshot, target, between);
  const done: Group = {
    tables,
    ...(coverage
      ? { coverage: await storeText(store, keyOf("coverage.json"), documentText({ metrics: coverage })) }
      : {}),
  };
  await store.writeDocument(checkpointKey(release, group), documentText(done));
  return { ...done, how: "WRITTEN" };
}

function checkpointKey(release: number, group: readonly string[]): string {
  return fileKey(release, `${group.join("+")}.done.json`);
}

/** Makes the dump the latest one, unless there is a later one by now. */
async function moveLatest(store: DumpStore, manifest: Manifest, known: Latest): Promise<void> {
  for (let latest = known; ; latest = await readLatest(store)) {
    if (latest.manifest && latest.manifest.release >= manifest.release) return;
    if (await store.replaceDocument(LATEST_KEY, documentText(manifest), latest.document)) return;
  }
}
