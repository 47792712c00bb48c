import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** FNV-1a over UTF-16 code units, 32 bits, signed; `seed` chains texts. */
export function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

const SECOND_SEED = 0x2545f491;

/** Fingerprints of a partition that are written together. */
const BLOCK = 2048;

/** Where those of a partition lie, and those that are not written yet. */
interface PartitionPrints {
  readonly positions: number[];
  readonly block: Float64Array;
  filled: number;
}

/**
 * Fingerprints of rows, of 52 bits, to tell which rows may have a twin. Two rows that are alike always have the same
 * one; two that are not have it with a chance of one in 10^15, and then a closer look shows so. They lie on disk, eight
 * bytes each, and are looked at a partition at a time.
 */
export class Fingerprints {
  readonly #descriptor: number;
  readonly #partitions: readonly PartitionPrints[];
  readonly #texts = new Map<string, number>();
  #end = 0;

  /** @param path a file that is not there yet. */
  constructor(path: string, partitions: number) {
    this.#descriptor = openSync(path, "wx+");
    this.#partitions = Array.from({ length: partitions }, () => ({
      positions: [],
      block: new Float64Array(BLOCK),
      filled: 0,
    }));
  }

  /** Rows that are alike have to come to the same partition. */
  add(partition: number, seriesHash: number, period: number, source: string): void {
    const sourceHash = this.#hashOnce(source);
    const low = mix(seriesHash ^ Math.imul(period, 0x9e3779b1) ^ sourceHash);
    const high = mix(Math.imul(seriesHash, 0x85ebca6b) + Math.imul(period, 0xc2b2ae35) + sourceHash + SECOND_SEED);
    const prints = this.#partitions[partition] as PartitionPrints;
    prints.block[prints.filled] = (high & 0xfffff) * 0x100000000 + low;
    prints.filled += 1;
    if (prints.filled === BLOCK) this.#write(prints);
  }

  /** The partitions in which a fingerprint stands twice; usually none. */
  repeated(): number[] {
    return this.#partitions.flatMap((prints, partition) => (repeats(this.#read(prints)) ? [partition] : []));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(prints: PartitionPrints): void {
    writeSync(this.#descriptor, prints.block, 0, prints.block.byteLength, this.#end);
    prints.positions.push(this.#end);
    prints.filled = 0;
    this.#end += prints.block.byteLength;
  }

  #read({ positions, block, filled }: PartitionPrints): Float64Array {
    const all = new Float64Array(positions.length * BLOCK + filled);
    for (const [i, position] of positions.entries()) {
      readSync(this.#descriptor, all, i * block.byteLength, block.byteLength, position);
    }
    all.set(block.subarray(0, filled), positions.length * BLOCK);
    return all;
  }

  #hashOnce(source: string): number {
    const known = this.#texts.get(source);
    if (known !== undefined) return known;
    const hash = hashText(source, SECOND_SEED);
    if (this.#texts.size < 10_000) this.#texts.set(source, hash);
    return hash;
  }
}

function repeats(prints: Float64Array): boolean {
  prints.sort();
  return prints.some((print, i) => i > 0 && print === prints[i - 1]);
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
