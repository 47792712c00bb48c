import SearchableMap from "minisearch/SearchableMap";

/** Where a document holds a term. */
export const FIELD = { NAME: 0, PINYIN: 1, CODE: 2, HOST: 3, ALSO: 4, ID: 5, INNER: 6, INITIALS: 7 } as const;
export type Field = (typeof FIELD)[keyof typeof FIELD];

const FIELD_BITS = 3;
const FIELD_MASK = (1 << FIELD_BITS) - 1;

/** An occurrence of a term: the number of the document and the field, in one integer. */
export function documentIn(entry: number): number {
  return entry >>> FIELD_BITS;
}

export function fieldIn(entry: number): Field {
  return (entry & FIELD_MASK) as Field;
}

/** A range of terms, and thereby of their occurrences, which lie side by side. */
export interface Occurrences {
  readonly entries: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** Calls `visit` with each document and field. */
export function forEach(found: Occurrences | undefined, visit: (document: number, field: Field) => void): void {
  if (!found) return;
  for (let i = found.from; i < found.to; i += 1) {
    const entry = found.entries[i] ?? 0;
    visit(documentIn(entry), fieldIn(entry));
  }
}

/**
 * Terms in order with the documents that hold them. Terms that begin alike are neighbours and so are their
 * occurrences: a prefix is one range, however many terms it covers. Near misses are found in MiniSearch's radix tree.
 */
export class Dictionary {
  readonly #terms: readonly string[];
  readonly #offsets: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #tree = new SearchableMap<number>();

  constructor(terms: readonly string[], offsets: Uint32Array, entries: Uint32Array, mistyped: boolean) {
    this.#terms = terms;
    this.#offsets = offsets;
    this.#entries = entries;
    if (mistyped) for (const [at, term] of terms.entries()) if (MISTYPED.test(term)) this.#tree.set(term, at);
  }

  get size(): number {
    return this.#terms.length;
  }

  exact(term: string): Occurrences | undefined {
    const at = this.#lowerBound(term);
    return this.#terms[at] === term ? this.#range(at, at + 1) : undefined;
  }

  /** Of the terms that begin with the prefix; the term itself is not among them. */
  longer(prefix: string): Occurrences {
    const at = this.#lowerBound(prefix);
    const from = this.#terms[at] === prefix ? at + 1 : at;
    return this.#range(from, this.#lowerBound(`${prefix}\uffff`, from));
  }

  /** Of the terms that begin with the prefix, the term itself among them. */
  starting(prefix: string): Occurrences {
    const from = this.#lowerBound(prefix);
    return this.#range(from, this.#lowerBound(`${prefix}\uffff`, from));
  }

  /** The terms at most one letter away: one more, one less, another, or two swapped; without the word itself. */
  near(word: string): { term: string; occurrences: Occurrences }[] {
    const found = new Map<string, number>();
    for (const [term, [at]] of this.#tree.fuzzyGet(word, 1)) found.set(term, at);
    for (let i = 0; i + 1 < word.length; i += 1) {
      const swapped = `${word.slice(0, i)}${word[i + 1]}${word[i]}${word.slice(i + 2)}`;
      const at = this.#lowerBound(swapped);
      if (this.#terms[at] === swapped) found.set(swapped, at);
    }
    found.delete(word);
    return Array.from(found, ([term, at]) => ({ term, occurrences: this.#range(at, at + 1) }));
  }

  #range(from: number, to: number): Occurrences {
    return { entries: this.#entries, from: this.#offsets[from] ?? 0, to: this.#offsets[to] ?? 0 };
  }

  #lowerBound(term: string, from = 0): number {
    let [low, high] = [from, this.#terms.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#terms[middle] as string) < term) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A word of five letters or more that one letter was left out of has four. */
const MISTYPED = /^[a-z]{4,}$/;

/** Collects occurrences in the order of the documents. */
export class DictionaryBuilder {
  readonly #numbers = new Map<string, number>();
  readonly #terms: number[] = [];
  readonly #entries: number[] = [];

  add(term: string, document: number, field: Field): void {
    if (term === "") return;
    let number = this.#numbers.get(term);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(term, number);
    }
    this.#terms.push(number);
    this.#entries.push((document << FIELD_BITS) | field);
  }

  /** @param mistyped whether near misses will be asked for. */
  build(mistyped = false): Dictionary {
    const terms = [...this.#numbers.keys()].sort();
    const places = new Uint32Array(terms.length);
    for (let place = 0; place < terms.length; place += 1) places[this.#numbers.get(terms[place] ?? "") ?? 0] = place;
    const placed = this.#terms.map((number) => places[number] ?? 0);
    const offsets = new Uint32Array(terms.length + 1);
    for (const place of placed) offsets[place + 1] = (offsets[place + 1] ?? 0) + 1;
    for (let place = 0; place < terms.length; place += 1) {
      offsets[place + 1] = (offsets[place + 1] ?? 0) + (offsets[place] ?? 0);
    }
    const next = offsets.slice();
    const entries = new Uint32Array(placed.length);
    for (let i = 0; i < placed.length; i += 1) {
      const place = placed[i] ?? 0;
      const at = next[place] ?? 0;
      next[place] = at + 1;
      entries[at] = this.#entries[i] ?? 0;
    }
    return new Dictionary(terms, offsets, entries, mistyped);
  }
}
