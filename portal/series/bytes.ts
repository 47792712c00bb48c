/** Growing output for the packed formats: unsigned LEB128 numbers, length-prefixed UTF-8 text, integer columns. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  number(n: number): void {
    this.#reserve(8);
    let rest = n;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Zigzag: small negative numbers stay small. */
  signed(n: number): void {
    this.number(n < 0 ? -2 * n - 1 : 2 * n);
  }

  text(text: string): void {
    const size = Buffer.byteLength(text);
    this.number(size);
    this.#reserve(size);
    this.#length += this.#buffer.write(text, this.#length);
  }

  /** A column of non-negative integers, as runs (value, length) or one by one, whichever is shorter. */
  column(values: readonly number[]): void {
    const runs: number[] = [];
    for (const value of values) {
      if (runs.length > 0 && runs[runs.length - 2] === value) runs[runs.length - 1] = (runs.at(-1) as number) + 1;
      else runs.push(value, 1);
    }
    const asRuns = runs.length < values.length;
    this.number(asRuns ? runs.length / 2 : 0);
    for (const value of asRuns ? runs : values) this.number(value);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Reads what `ByteWriter` wrote; throws RangeError past the end, so that a cut body is never a short answer. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  number(): number {
    let result = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#buffer[this.#at++];
      if (byte === undefined) throw new RangeError("packed body ends too early");
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
      factor *= 0x80;
    }
  }

  signed(): number {
    const n = this.number();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }

  text(): string {
    const size = this.number();
    const end = this.#at + size;
    if (end > this.#buffer.length) throw new RangeError("packed body ends too early");
    const text = this.#buffer.toString("utf8", this.#at, end);
    this.#at = end;
    return text;
  }

  column(length: number): number[] {
    const runs = this.number();
    const values: number[] = [];
    if (runs === 0) {
      for (let i = 0; i < length; i += 1) values.push(this.number());
      return values;
    }
    for (let run = 0; run < runs; run += 1) {
      const value = this.number();
      const repeats = this.number();
      if (repeats > length - values.length) throw new RangeError("packed column is longer than its claims");
      for (let n = repeats; n > 0; n -= 1) values.push(value);
    }
    if (values.length !== length) throw new RangeError("packed column is shorter than its claims");
    return values;
  }

  get done(): boolean {
    return this.#at === this.#buffer.length;
  }
}
