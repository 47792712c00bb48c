import { type Claim, compareClaims, OBSERVATION_STATUSES } from "../series/claims.ts";
import { isVisible, type Observation, resolve, type Vintage } from "../series/resolution.ts";
import { type Frequency, formatTimePeriod } from "../series/time-period.ts";
import type { HeadlineValue, ObservationChange } from "./change-records.ts";
import type { ClaimRow } from "./rows.ts";

/** What a release adds to a series; pure, the same for the same series and rows. */
export interface SeriesPlan {
  /** All claims that will stand in the items, in canonical order. */
  readonly claims: readonly Claim[];
  /** The claims that the release adds; empty when the rows say nothing new. */
  readonly added: readonly Claim[];
  readonly unchangedRows: number;
}

/**
 * Adds rows to the claims of a series. A row that repeats what its source said last makes no claim; a deletion of
 * what does not stand makes none either. Claims that no reader of `base` may see – staged by an importer that never
 * finished – are dropped.
 * @param stored claims of the series in canonical order.
 * @param rows distinct by period and source.
 */
export function planSeries(
  stored: readonly Claim[],
  rows: readonly ClaimRow[],
  base: Vintage,
  release: number,
): SeriesPlan {
  const visible = stored.filter((claim) => isVisible(claim.release, base));
  const newest = new Map<string, Claim>();
  for (const claim of visible) newest.set(nameOf(claim.period, claim.source), claim);
  const stated = new Map<string, Claim>();
  let unchangedRows = 0;
  // What a release says in so many words goes before what it takes back in general.
  const [deletions, statements] = [rows.filter(isDeletion), rows.filter((row) => !isDeletion(row))];
  for (const row of deletions) {
    const withdrawals = withdrawalsOf(row, newest, release);
    // One row that speaks of a whole series comes for each frequency, most of which there never was.
    if (withdrawals.length === 0 && row.period !== null) unchangedRows += 1;
    for (const claim of withdrawals) stated.set(nameOf(claim.period, claim.source), claim);
  }
  for (const row of statements) {
    const claim = claimOf(row, release);
    const name = nameOf(claim.period, claim.source);
    if (repeats(newest.get(name), claim)) {
      unchangedRows += 1;
      stated.delete(name);
    } else stated.set(name, claim);
  }
  const added = [...stated.values()];
  const claims = added.length === 0 ? visible : [...visible, ...added].sort(compareClaims);
  return { claims, added, unchangedRows };
}

function isDeletion({ action }: ClaimRow): boolean {
  return action === "D";
}

function nameOf(period: number, source: string): string {
  return `${period}|${source}`;
}

function repeats(before: Claim | undefined, claim: Claim): boolean {
  return (
    before !== undefined &&
    before.value === claim.value &&
    before.status === claim.status &&
    before.publishedOn === claim.publishedOn &&
    before.note === claim.note
  );
}

/** A statement always names its period. */
function claimOf({ period, value, status, source, publishedOn, note }: ClaimRow, release: number): Claim {
  return { period: period as number, value, status, source, publishedOn, release, note };
}

/** A deletion takes back whatever stands of the periods and sources that it speaks of. */
function withdrawalsOf(row: ClaimRow, newest: ReadonlyMap<string, Claim>, release: number): Claim[] {
  const { period, source, publishedOn, note } = row;
  return [...newest.values()]
    .filter((claim) => claim.status !== null)
    .filter((claim) => (period === null || claim.period === period) && (source === "" || claim.source === source))
    .map((claim) => ({ ...claim, value: null, status: null, publishedOn, release, note }));
}

/** Change records speak of every status: a partner who replays them must end with the targets, too. */
const ALL_STATUSES = new Set(OBSERVATION_STATUSES);

/** What the added claims do to the observations of a series, period by period. */
export function observationChanges(
  frequency: Frequency,
  { claims, added }: SeriesPlan,
  base: Vintage,
  release: number,
): ObservationChange[] {
  const periods = new Set(added.map(({ period }) => period));
  const concerned = claims.filter(({ period }) => periods.has(period));
  const before = byPeriod(resolve(concerned, base, ALL_STATUSES));
  const after = byPeriod(resolve(concerned, { release, voids: base.voids }, ALL_STATUSES));
  const addedOf = Map.groupBy(added, ({ period }) => period);
  return [...periods]
    .sort((a, b) => a - b)
    .map((period) => {
      const old = headline(before.get(period));
      const now = headline(after.get(period));
      return {
        timePeriod: formatTimePeriod({ frequency, index: period }),
        action: old ? (now ? "REVISED" : "WITHDRAWN") : "ADDED",
        old,
        new: now,
        claims: (addedOf.get(period) ?? []).map(({ source, status, value, publishedOn, note }) => ({
          source,
          status,
          value,
          publishedOn,
          note,
        })),
      };
    });
}

function byPeriod(observations: readonly Observation[]): Map<number, Observation> {
  return new Map(observations.map((observation) => [observation.period, observation]));
}

function headline(observation: Observation | undefined): HeadlineValue | null {
  if (!observation) return null;
  const { value, status, source } = observation.headline;
  return { value, status, source };
}
