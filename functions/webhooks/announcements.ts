import { type CallScope, isConditionFailed } from "../../portal/store/calls.ts";
import { type Item, numberOf } from "../../portal/store/requests.ts";
import type { Store } from "../../portal/store/store.ts";

/** How far releases are announced, and who is at it. */
export interface Announced {
  /** Partners were told of releases up to this one. */
  readonly release: number;
  /** Epoch milliseconds until which somebody is about to announce what comes next. */
  readonly claimedUntil: number;
}

export interface AnnouncementsOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly table: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const KEY: Item = { keyHash: { S: "webhook-announcements" } };

/** Longer than an invocation may take: one that was killed is succeeded after that. */
export const CLAIM_MS = 120_000;

/** The item that says what was announced. Every write of it is conditional on what the writer saw. */
export class Announcements {
  readonly #options: AnnouncementsOptions;

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
  }

  /** The state of things; where nothing was ever announced, it begins behind HEAD: old releases are no news. */
  async last(head: number, scope: CallScope): Promise<Announced> {
    const { store, table } = this.#options;
    const item = await store.get(table, KEY, scope, true);
    if (item) return { release: numberOf(item, "release") ?? 0, claimedUntil: numberOf(item, "claimedUntil") ?? 0 };
    const first = { release: head, claimedUntil: 0 };
    return (await this.#put(first, "attribute_not_exists(keyHash)", {}, scope)) ? first : this.last(head, scope);
  }

  /** Takes what comes next upon itself; undefined when somebody else did. */
  async claim(seen: Announced, scope: CallScope): Promise<Announced | undefined> {
    const now = this.#options.now();
    if (seen.claimedUntil > now) return undefined;
    return this.#replace(seen, { release: seen.release, claimedUntil: now + CLAIM_MS }, scope);
  }

  /** Notes that a release is announced; undefined when somebody else has taken over. */
  note(mine: Announced, release: number, isLast: boolean, scope: CallScope): Promise<Announced | undefined> {
    return this.#replace(mine, { release, claimedUntil: isLast ? 0 : mine.claimedUntil }, scope);
  }

  async #replace(seen: Announced, next: Announced, scope: CallScope): Promise<Announced | undefined> {
    const condition = "#release = :release AND claimedUntil = :claimedUntil";
    const values = { ":release": { N: `${seen.release}` }, ":claimedUntil": { N: `${seen.claimedUntil}` } };
    return (await this.#put(next, condition, values, scope)) ? next : undefined;
  }

  async #put(
    { release, claimedUntil }: Announced,
    expression: string,
    values: Item,
    scope: CallScope,
  ): Promise<boolean> {
    const { store, table } = this.#options;
    const item = { ...KEY, release: { N: `${release}` }, claimedUntil: { N: `${claimedUntil}` } };
    const named = Object.keys(values).length > 0 ? { values, names: { "#release": "release" } } : {};
    try {
      await store.put(table, item, scope, { expression, ...named });
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }
}
