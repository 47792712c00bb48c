import type { FeedChange, FeedHeadline } from "./portal-api.ts";

export type Outcome = "ADDED" | "REVISED" | "REMOVED";

/** What several releases together did to an entity. */
export interface EntityDifference {
  readonly id: string;
  readonly outcome: Outcome;
}

/** What they did to the headline of a series in one period. */
export interface ObservationDifference {
  readonly series: string;
  readonly timePeriod: string;
  readonly outcome: Outcome;
  readonly old: FeedHeadline | null;
  readonly new: FeedHeadline | null;
}

export interface Difference {
  readonly releases: readonly number[];
  readonly entities: readonly EntityDifference[];
  readonly observations: readonly ObservationDifference[];
}

/** The first and the last state of something; what lies between is nobody's difference. */
interface Span<State> {
  readonly before: State;
  after: State;
}

/** Takes changes in the order of the feed, and tells what they come to: what ended as it began is left out. */
export class DifferenceOf {
  readonly #releases = new Set<number>();
  readonly #entities = new Map<string, Span<boolean>>();
  readonly #observations = new Map<string, Map<string, Span<FeedHeadline | null>>>();

  add({ release, node, action, observations }: FeedChange): void {
    this.#releases.add(release);
    if (!node.startsWith("series:")) {
      const span = this.#entities.get(node) ?? { before: action !== "ADDED", after: true };
      span.after = action !== "DELETED";
      this.#entities.set(node, span);
      return;
    }
    const periods = this.#observations.get(node) ?? new Map<string, Span<FeedHeadline | null>>();
    this.#observations.set(node, periods);
    for (const { timePeriod, old, new: now } of observations) {
      const span = periods.get(timePeriod) ?? { before: old, after: now };
      span.after = now;
      periods.set(timePeriod, span);
    }
  }

  result(): Difference {
    const entities = [...this.#entities].flatMap(([id, { before, after }]): EntityDifference[] =>
      before || after ? [{ id, outcome: outcomeOf(before, after) }] : [],
    );
    const observations = [...this.#observations].flatMap(([series, periods]) =>
      [...periods]
        .filter(([, { before, after }]) => !isSame(before, after))
        .map(([timePeriod, { before, after }]): ObservationDifference => {
          const outcome = outcomeOf(before !== null, after !== null);
          return { series, timePeriod, outcome, old: before, new: after };
        })
        .sort((a, b) => (a.timePeriod < b.timePeriod ? -1 : 1)),
    );
    return { releases: [...this.#releases], entities, observations };
  }
}

function outcomeOf(before: boolean, after: boolean): Outcome {
  if (!after) return "REMOVED";
  return before ? "REVISED" : "ADDED";
}

function isSame(a: FeedHeadline | null, b: FeedHeadline | null): boolean {
  return a?.value === b?.value && a?.status === b?.status && a?.source === b?.source;
}
