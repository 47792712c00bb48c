import DataLoader from "dataloader";

/**
 * Loads of the same tick become one batch, and what was asked for once is never loaded again. DataLoader's own cache
 * would do that, but lets what it knows wait for the batch that is being loaded at the time: a round trip for nothing.
 */
export class BatchedLoads<Value> {
  readonly #loader: DataLoader<string, Value>;
  readonly #known = new Map<string, Promise<Value>>();

  /** @param batch answers in the order of the keys. */
  constructor(batch: (keys: readonly string[]) => Promise<Value[]>) {
    this.#loader = new DataLoader(batch, { cache: false });
  }

  load(key: string): Promise<Value> {
    const known = this.#known.get(key) ?? this.#loader.load(key);
    this.#known.set(key, known);
    return known;
  }

  /** Takes note of what was read by other means; what was asked for before stays. */
  prime(key: string, value: Value): void {
    if (!this.#known.has(key)) this.#known.set(key, Promise.resolve(value));
  }
}
