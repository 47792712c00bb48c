import { type Claim, compareText, OBSERVATION_STATUSES, type ObservationStatus } from "./claims.ts";

/** A claim that says something: no withdrawal. */
export interface StatedClaim extends Claim {
  readonly status: ObservationStatus;
}

/** A claim that stands, with what the same source said before it for the same period, newest first. */
export interface StandingClaim extends StatedClaim {
  readonly revisions: readonly Claim[];
}

/** The value of a series in one period: the best claim that stands, and the rest of them, best first. */
export interface Observation {
  readonly period: number;
  readonly headline: StandingClaim;
  readonly alternatives: readonly StandingClaim[];
}

/** Which releases count: those up to a number, less the ones that were staged but never committed. */
export interface Vintage {
  readonly release: number;
  readonly voids: ReadonlySet<number>;
}

/** Whether a release can be seen in a vintage. */
export function isVisible(release: number, vintage: Vintage): boolean {
  return release <= vintage.release && !vintage.voids.has(release);
}

/** Targets are no measurements: they are left out unless asked for. */
export const DEFAULT_STATUSES: ReadonlySet<ObservationStatus> = new Set(OBSERVATION_STATUSES.filter((s) => s !== "T"));

// Headline rank: actual before provisional before estimate before forecast before target; a reason for the lack of a
// value comes after every value.
const RANK: Readonly<Record<ObservationStatus, number>> = { A: 0, P: 1, E: 2, F: 3, T: 4, Q: 5, M: 6, O: 7 };

/**
 * From claims to observations, in the order of their periods.
 *
 * 1. Only claims of visible releases count. 2. Of each source the newest claim stands and revises the older ones; a
 * withdrawal leaves none. 3. Of the standing claims whose status is wanted the best is the headline, by status, then
 * by the newer publication, then by the newer release (at a full tie by source id, so that the outcome never depends
 * on the order in which claims arrived).
 *
 * @param claims in canonical order (`compareClaims`).
 */
export function resolve(
  claims: readonly Claim[],
  vintage: Vintage,
  statuses: ReadonlySet<ObservationStatus> = DEFAULT_STATUSES,
): Observation[] {
  return eachPeriod(claims, (from, end) => {
    const { period } = claims[from] as Claim;
    if (end === from + 1) {
      const headline = onlyClaim(claims[from] as Claim, vintage, statuses);
      return headline && { period, headline, alternatives: NONE };
    }
    const [headline, ...alternatives] = ranked(claims, from, end, vintage, statuses);
    return headline && { period, headline, alternatives };
  });
}

/** The headline of each observation that `resolve` finds, and nothing else of it: a claim as it was given, not a copy. */
export function headlines(
  claims: readonly Claim[],
  vintage: Vintage,
  statuses: ReadonlySet<ObservationStatus> = DEFAULT_STATUSES,
): StatedClaim[] {
  return eachPeriod(claims, (from, end) => {
    const claim = claims[from] as Claim;
    if (end > from + 1) return ranked(claims, from, end, vintage, statuses)[0];
    return isStanding(claim, vintage, statuses) ? claim : undefined;
  });
}

/** What there is to say of each period, of the claims `[from, end)`. */
function eachPeriod<T>(claims: readonly Claim[], say: (from: number, end: number) => T | undefined): T[] {
  const said: T[] = [];
  let from = 0;
  while (from < claims.length) {
    const { period } = claims[from] as Claim;
    let end = from + 1;
    while (end < claims.length && (claims[end] as Claim).period === period) end += 1;
    const one = say(from, end);
    if (one !== undefined) said.push(one);
    from = end;
  }
  return said;
}

const NONE: readonly [] = [];

/** The same for a period of which one claim is all that was ever said, as of most: nothing to sort, nothing revised. */
function onlyClaim(
  claim: Claim,
  vintage: Vintage,
  statuses: ReadonlySet<ObservationStatus>,
): StandingClaim | undefined {
  if (!isStanding(claim, vintage, statuses)) return undefined;
  const { period, value, status, source, publishedOn, release, note } = claim;
  return { period, value, status, source, publishedOn, release, note, revisions: NONE };
}

function isStanding(claim: Claim, vintage: Vintage, statuses: ReadonlySet<ObservationStatus>): claim is StatedClaim {
  return claim.status !== null && statuses.has(claim.status) && isVisible(claim.release, vintage);
}

/** Step 3 for the claims of one period: those that stand, best first. */
function ranked(
  claims: readonly Claim[],
  from: number,
  end: number,
  vintage: Vintage,
  statuses: ReadonlySet<ObservationStatus>,
): StandingClaim[] {
  const standing = standingClaims(claims, from, end, vintage).filter(({ status }) => statuses.has(status));
  return standing.sort(compareStanding);
}

/** Steps 1 and 2 for the claims of one period, `claims[from..to)`. */
function standingClaims(claims: readonly Claim[], from: number, to: number, vintage: Vintage): StandingClaim[] {
  const standing: StandingClaim[] = [];
  let at = from;
  while (at < to) {
    const { source } = claims[at] as Claim;
    const history: Claim[] = [];
    for (; at < to && (claims[at] as Claim).source === source; at += 1) {
      const claim = claims[at] as Claim;
      if (isVisible(claim.release, vintage)) history.push(claim);
    }
    const newest = history.pop();
    if (newest && newest.status !== null) {
      standing.push({ ...newest, status: newest.status, revisions: history.reverse() });
    }
  }
  return standing;
}

function compareStanding(a: StandingClaim, b: StandingClaim): number {
  return (
    RANK[a.status] - RANK[b.status] ||
    compareText(b.publishedOn, a.publishedOn) ||
    b.release - a.release ||
    compareText(a.source, b.source)
  );
}
