import { closeSync, mkdtempSync, openSync, writeSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SeriesKey, seriesId } from "../identifiers.ts";
import { compareText } from "../series/claims.ts";
import { Fingerprints, hashText } from "./fingerprints.ts";
import type { ClaimRow, SeriesRows } from "./rows.ts";

export interface SpoolOptions {
  /** Where what does not fit into memory goes; the system's folder for temporary files when left out. */
  readonly tempDir?: string | undefined;
  /** Rows that are held in memory; with one more, all of them go to disk. */
  readonly memoryRows?: number;
}

const MEMORY_ROWS = 100_000;
/** Rows of a series must come together, and one partition at a time must fit into memory: 20 million rows make 80,000 each. */
const PARTITIONS = 256;
const BUFFER_CHARACTERS = 65_536;

/** A row as it lies in memory and on disk. */
type Line = [
  ...what: [line: number, action: ClaimRow["action"], period: number | null, source: string],
  ...said: [value: string | null, status: ClaimRow["status"], publishedOn: string, note: string],
];

/** Rows of one series that came one after the other: their key is kept once. */
type Run = [...key: [metric: string, subject: SeriesKey["subject"], frequency: SeriesKey["frequency"]], lines: Line[]];

/** The series that rows are coming for, and what follows from its key alone. */
interface Current {
  readonly key: SeriesKey;
  readonly hash: number;
  /** The beginning of a run, as JSON. */
  readonly head: string;
}

interface PartitionFile {
  readonly descriptor: number;
  buffer: string;
  /** The series whose run is open. */
  current: Current | undefined;
}

/**
 * The observation rows of a release on their way from the order of the file to the order of the series. Small
 * releases stay in memory; large ones are parted by a hash of their series into files on disk, so that memory does not
 * grow with the release. The partitions, and the order in them, are the same whenever the same rows come.
 */
export class ClaimSpool {
  readonly #options: SpoolOptions;
  /** Ids of the metrics that rows speak of. */
  readonly metrics = new Set<string>();
  /** `<metric>|<subject>` of the series that the release withdraws whole. */
  readonly withdrawn = new Set<string>();
  #runs: Run[] = [];
  #folder: string | undefined;
  #files: PartitionFile[] = [];
  #current: Current | undefined;
  #prints: Fingerprints | undefined;
  #rows = 0;

  constructor(options: SpoolOptions = {}) {
    this.#options = options;
  }

  get rows(): number {
    return this.#rows;
  }

  /** How many partitions there are once all rows are in. */
  get partitions(): number {
    if (this.#rows === 0) return 0;
    return this.#folder === undefined ? 1 : PARTITIONS;
  }

  add(key: SeriesKey, row: ClaimRow): void {
    const { line, action, period, source, value, status, publishedOn, note } = row;
    const entry: Line = [line, action, period, source, value, status, publishedOn, note];
    this.#rows += 1;
    if (period === null && source === "") this.withdrawn.add(`${key.metric}|${key.subject}`);
    if (!this.#current || !sameSeries(this.#current.key, key)) this.#begin(key);
    if (this.#folder !== undefined) {
      this.#spill(this.#current as Current, entry);
      return;
    }
    (this.#runs.at(-1) as Run)[3].push(entry);
    if (this.#rows > (this.#options.memoryRows ?? MEMORY_ROWS)) this.#moveToDisk();
  }

  #begin(key: SeriesKey): void {
    this.#current = currentOf(key);
    this.metrics.add(key.metric);
    if (this.#folder === undefined) this.#runs.push([key.metric, key.subject, key.frequency, []]);
  }

  /** The partitions in which two rows may speak of the same series, period and source; usually none. */
  suspects(): number[] {
    if (this.#prints) return this.#prints.repeated();
    return this.#rows === 0 ? [] : [0];
  }

  /** One partition: its series by id, the rows of each by period and source. */
  async read(partition: number): Promise<SeriesRows[]> {
    const runs = this.#folder === undefined ? this.#runs : await this.#load(partition);
    const groups = new Map<string, SeriesRows>();
    for (const [metric, subject, frequency, lines] of runs) {
      const key = { metric, subject, frequency };
      const id = seriesId(key);
      const group = groups.get(id) ?? { key, rows: [] };
      for (const [line, action, period, source, value, status, publishedOn, note] of lines) {
        group.rows.push({ line, action, period, source, value, status, publishedOn, note });
      }
      groups.set(id, group);
    }
    const sorted = [...groups].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group);
    for (const { rows } of sorted) rows.sort(compareRows);
    return sorted;
  }

  /** All partitions from one on; the next one is read while the caller is at work on the one before. */
  async *readFrom(first: number): AsyncGenerator<SeriesRows[]> {
    let next: Promise<SeriesRows[]> | undefined;
    for (let partition = first; partition < this.partitions; partition += 1) {
      const groups = await (next ?? this.read(partition));
      next = partition + 1 < this.partitions ? this.read(partition + 1) : undefined;
      // Where the caller stops early nobody waits for it.
      next?.catch(() => undefined);
      yield groups;
    }
  }

  /** Removes what was written to disk. */
  async close(): Promise<void> {
    for (const { descriptor } of this.#files) closeSync(descriptor);
    this.#files = [];
    this.#prints?.close();
    this.#prints = undefined;
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  #moveToDisk(): void {
    const folder = mkdtempSync(join(this.#options.tempDir ?? tmpdir(), "gazetteer-release-"));
    this.#folder = folder;
    this.#prints = new Fingerprints(join(folder, "fingerprints"), PARTITIONS);
    this.#files = Array.from({ length: PARTITIONS }, (_, i) => ({
      descriptor: openSync(join(folder, String(i)), "w"),
      buffer: "",
      current: undefined,
    }));
    for (const [metric, subject, frequency, lines] of this.#runs) {
      const current = currentOf({ metric, subject, frequency });
      for (const line of lines) this.#spill(current, line);
    }
    this.#runs = [];
  }

  #spill(current: Current, line: Line): void {
    const partition = current.hash % PARTITIONS;
    this.#prints?.add(partition, current.hash, line[2] ?? 0, line[3]);
    const file = this.#files[partition] as PartitionFile;
    if (file.current === current) file.buffer += ",";
    else file.buffer += file.current ? `]],${current.head}` : current.head;
    file.current = current;
    file.buffer += JSON.stringify(line);
    if (file.buffer.length >= BUFFER_CHARACTERS) flush(file);
  }

  async #load(partition: number): Promise<Run[]> {
    const file = this.#files[partition];
    if (!file?.current) return [];
    flush(file);
    const text = await readFile(join(this.#folder ?? "", String(partition)), "utf8");
    return JSON.parse(`[${text}]]]`) as Run[];
  }
}

function sameSeries(a: SeriesKey, b: SeriesKey): boolean {
  return a.subject === b.subject && a.metric === b.metric && a.frequency === b.frequency;
}

function currentOf(key: SeriesKey): Current {
  const { metric, subject, frequency } = key;
  const hash = hashText(frequency, hashText(subject, hashText(metric, 0x811c9dc5))) >>> 0;
  return { key, hash, head: `${JSON.stringify([metric, subject, frequency]).slice(0, -1)},[` };
}

function flush(file: PartitionFile): void {
  writeSync(file.descriptor, file.buffer);
  file.buffer = "";
}

function compareRows(a: ClaimRow, b: ClaimRow): number {
  return (a.period ?? -Infinity) - (b.period ?? -Infinity) || compareText(a.source, b.source) || a.line - b.line;
}
