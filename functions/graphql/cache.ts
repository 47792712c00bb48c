import { LRUCache } from "lru-cache";
import { type Coding, compress } from "../http/compression.ts";

/** An answer without errors, as it was made: it holds for its operation, variables and release, for whoever asks. */
export interface KeptAnswer {
  readonly body: string;
  readonly contentType: string;
  /** Name of the operation, for the log. */
  readonly operation: string | undefined;
}

/** Of the 1 GB that a small instance has: what is left to answers when code, documents and a large request have theirs. */
const MOST_BYTES = 64 * 1024 ** 2;

/** An answer larger than this would push out all the others. */
const LARGEST_SHARE = 1 / 16;

/** What an entry takes beside its texts: its objects, and its place in the table. */
const ENTRY_BYTES = 512;

interface Entry extends KeptAnswer {
  readonly fingerprint: string;
  readonly coded: Partial<Record<Coding, string>>;
}

/**
 * Answers by their fingerprint, the most recently used ones, bounded by bytes. Nothing in it is ever out of date: a new
 * release makes new fingerprints, and what belongs to older ones goes when room is needed.
 */
export class AnswerCache {
  readonly #entries: LRUCache<string, Entry>;

  /** @param mostBytes 0 keeps none. */
  constructor(mostBytes: number = MOST_BYTES) {
    this.#entries = new LRUCache({
      maxSize: Math.max(mostBytes, 1),
      maxEntrySize: Math.max(Math.floor(mostBytes * LARGEST_SHARE), 1),
      sizeCalculation: bytesOf,
    });
  }

  get(fingerprint: string): KeptAnswer | undefined {
    return this.#entries.get(fingerprint);
  }

  /** @returns the answer as `get` gives it from now on, unless it is too large to be kept. */
  keep(fingerprint: string, answer: KeptAnswer): KeptAnswer {
    const entry: Entry = { ...answer, fingerprint, coded: {} };
    this.#entries.set(fingerprint, entry);
    return entry;
  }

  /** The body in a coding, in base64; worked out once for an answer that is kept. */
  coded(answer: KeptAnswer, coding: Coding): string {
    const { fingerprint, coded } = answer as Entry;
    const known = coded[coding];
    if (known !== undefined) return known;
    const bytes = compress(answer.body, coding);
    coded[coding] = bytes;
    // Its size has grown; one that has gone meanwhile, or was never kept, stays away.
    if (this.#entries.peek(fingerprint) === answer) this.#entries.set(fingerprint, { ...(answer as Entry) });
    return bytes;
  }

  /** Bytes that the answers take at most in memory: two for a character, where one of them is Chinese. */
  get bytes(): number {
    return this.#entries.calculatedSize;
  }
}

function bytesOf({ body, coded }: Entry): number {
  return ENTRY_BYTES + 2 * body.length + (coded.br?.length ?? 0) + (coded.gzip?.length ?? 0);
}
