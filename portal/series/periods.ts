/** Claims or observations in the order of their time periods: what lies in some of these is found without looking at all. */

interface Dated {
  readonly period: number;
}

/** Those of the periods from one to another, both included. */
export function between<T extends Dated>(ordered: readonly T[], first: number, last: number): readonly T[] {
  const [from, to] = [firstFrom(ordered, first), firstFrom(ordered, last + 1)];
  return from === 0 && to === ordered.length ? ordered : ordered.slice(from, to);
}

/** The first one of a period. */
export function at<T extends Dated>(ordered: readonly T[], period: number): T | undefined {
  const found = ordered[firstFrom(ordered, period)];
  return found?.period === period ? found : undefined;
}

/** Where the first one stands whose period is this one or later. */
function firstFrom(ordered: readonly Dated[], period: number): number {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ordered[middle] as Dated).period < period) from = middle + 1;
    else to = middle;
  }
  return from;
}
