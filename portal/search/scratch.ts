/**
 * What a query adds up, by number of document. An index has one, because a query never waits in between: memory that
 * was just allocated costs more to touch than a query to answer.
 */
export class Scratch {
  /** Documents that match at least one word; the first `found` count. */
  readonly documents: Uint32Array;
  found = 0;
  /** Between 0 and 1: the weights of what matched in the weights of all words. */
  readonly scores: Float64Array;
  /** Required words that match. */
  readonly required: Uint8Array;
  /** Letters of words in Latin and Han script that match in a name. */
  readonly latinLetters: Uint16Array;
  readonly hanLetters: Uint16Array;
  /** What the text as a whole comes to, held against whole names; 0 where it is none. */
  readonly wholes: Float64Array;

  /** The best match of the word at hand, and whether it stands in a name; the first `matched` of `matching` have one. */
  readonly best: Float64Array;
  readonly named: Uint8Array;
  readonly matching: Uint32Array;
  matched = 0;

  constructor(count: number) {
    this.documents = new Uint32Array(count);
    this.scores = new Float64Array(count);
    this.required = new Uint8Array(count);
    this.latinLetters = new Uint16Array(count);
    this.hanLetters = new Uint16Array(count);
    this.wholes = new Float64Array(count);
    this.best = new Float64Array(count);
    this.named = new Uint8Array(count);
    this.matching = new Uint32Array(count);
  }

  /** Empties it for the next query. */
  clear(): void {
    this.found = 0;
    this.matched = 0;
    for (const column of [
      this.best,
      this.named,
      this.scores,
      this.required,
      this.latinLetters,
      this.hanLetters,
      this.wholes,
    ])
      column.fill(0);
  }

  /** Takes what the text as a whole comes to, where it is the best so far; the document is found if no word matches too. */
  offerWhole(document: number, score: number): void {
    const before = this.wholes[document] as number;
    if (score <= before) return;
    if (before === 0 && this.scores[document] === 0) {
      this.documents[this.found] = document;
      this.found += 1;
    }
    this.wholes[document] = score;
  }

  /** Takes a match of the word at hand where it is the best one of its document so far. */
  offer(document: number, score: number, named: boolean): void {
    const before = this.best[document] ?? 0;
    if (named) this.named[document] = 1;
    if (score <= before) return;
    if (before === 0) {
      this.matching[this.matched] = document;
      this.matched += 1;
    }
    this.best[document] = score;
  }

  /** Adds the best matches of the word at hand to what the words before came to. */
  add(share: number, isRequired: boolean, length: number, isHan: boolean): void {
    const { best, named, matching, matched, scores, required, documents } = this;
    const letters = isHan ? this.hanLetters : this.latinLetters;
    const needed = isRequired ? 1 : 0;
    let { found } = this;
    for (let i = 0; i < matched; i += 1) {
      const document = matching[i] as number;
      const before = scores[document] as number;
      if (before === 0) {
        documents[found] = document;
        found += 1;
      }
      scores[document] = before + share * (best[document] as number);
      required[document] = (required[document] as number) + needed;
      if (named[document] === 1) letters[document] = (letters[document] as number) + length;
      best[document] = 0;
      named[document] = 0;
    }
    this.found = found;
    this.matched = 0;
  }
}
