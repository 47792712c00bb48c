import type { AnyEntity, Entity } from "../catalogue/entities.ts";
import { PortalError } from "../errors.ts";
import { isSubjectId, type SeriesKey, type SubjectId, type SubjectType } from "../identifiers.ts";
import { type Item, numberOf, textOf } from "../store/requests.ts";
import type { Claim } from "./claims.ts";
import { decodeClaims, encodeClaims } from "./codec.ts";
import { isVisible, type Vintage } from "./resolution.ts";
import { FREQUENCIES, type Frequency, formatTimePeriod } from "./time-period.ts";

/**
 * Series items. One item holds all claims of a series; a long series is split by period into parts, whose keys end in
 * the first period of the part (`|2010-01-01`; the first part has no suffix), so that they lie side by side in the
 * table and in every index and one Query reads them all.
 */
export interface SeriesPlacement {
  readonly metricGroup: string;
  readonly subjectFrequency: string;
  readonly subject: string;
  readonly metricFrequency: string;
  readonly topicMetric: string;
  readonly metricKind: string;
  readonly place: string;
}

/** A subject and what its series' keys are made of. */
export type Subject = Entity<SubjectType>;

/** Ends a topic or metric in a sort key; it sorts below all that they can hold, so that "data" precedes "data volume". */
export const TOPIC_END = "\u0001";

/**
 * The keys of a series.
 * @param part first period of the part; undefined for the first part.
 */
export function seriesPlacement(key: SeriesKey, subject: Subject, topic: string, part?: string): SeriesPlacement {
  const suffix = part === undefined ? "" : `|${part}`;
  return {
    metricGroup: `${key.metric}|${groupOf(subject)}`,
    subjectFrequency: `${key.subject}|${key.frequency}${suffix}`,
    subject: key.subject,
    metricFrequency: `${key.metric}|${key.frequency}${suffix}`,
    topicMetric: `${topic}${TOPIC_END}${key.metric}${TOPIC_END}${key.frequency}${suffix}`,
    metricKind: `${key.metric}|${panelKind(subject)}`,
    place: `${subject.body.path}#${key.subject}|${key.frequency}${suffix}`,
  };
}

/** The group of a region is its parent (`-` for the root); of other subjects, their type. */
export function groupOf(subject: Subject): string {
  if (subject.type !== "region") return subject.type;
  return (subject as Entity<"region">).body.parent?.slice("region:".length) ?? "-";
}

/** What a panel selects by: the level of regions, the type of other subjects. */
export function panelKind(subject: Subject): string {
  return subject.type === "region" ? (subject as Entity<"region">).body.level : subject.type;
}

export function isSubject(entity: AnyEntity): entity is AnyEntity & Subject {
  return isSubjectId(entity.id);
}

/** The claims of one series, of all its parts together, in canonical order. */
export interface SeriesRecord {
  readonly key: SeriesKey;
  readonly claims: readonly Claim[];
  /** The notices' history, as stored; undefined where there never was one. */
  readonly notices: Uint8Array | undefined;
}

/** DynamoDB refuses items above 400 KB; keys, attribute names and a margin for one more release come off that. */
export const MAX_BODY_BYTES = 300_000;

/** The key of a series item in its table. */
export function seriesItemKey({ metricGroup, subjectFrequency }: SeriesPlacement): Item {
  return { metricGroup: { S: metricGroup }, subjectFrequency: { S: subjectFrequency } };
}

/**
 * The items of a series: one, or as many as its size needs. Every part but the last is cut in the middle until it
 * fits; a single period that does not fit is an error.
 */
export function partition(claims: readonly Claim[], maxBytes = MAX_BODY_BYTES): Part[] {
  const body = encodeClaims(claims);
  if (body.length <= maxBytes) return [{ claims, body }];
  const middle = (claims[claims.length >> 1] as Claim).period;
  const cut = claims.findIndex(({ period }) => period >= middle);
  const split = cut > 0 ? cut : claims.findIndex(({ period }) => period > middle);
  if (split <= 0) {
    throw new PortalError("LIMIT_EXCEEDED", "the claims of one time period are larger than a stored item can be");
  }
  return [...partition(claims.slice(0, split), maxBytes), ...partition(claims.slice(split), maxBytes)];
}

export interface Part {
  readonly claims: readonly Claim[];
  readonly body: Uint8Array;
}

export function seriesItem(placement: SeriesPlacement, body: Uint8Array): Item {
  const keys = Object.entries(placement).map(([name, value]) => [name, { S: value }]);
  return { ...Object.fromEntries(keys), body: { B: body } };
}

/** Whose claims an item holds, and from which period on; an item without suffix is the first part. */
export function itemKey(item: Item): { key: SeriesKey; part: string | undefined } {
  const [metric = "", frequency = "", part] = (textOf(item, "metricFrequency") ?? "").split("|");
  const subject = (textOf(item, "subject") ?? "") as SubjectId;
  return { key: { metric, subject, frequency: frequency as Frequency }, part };
}

/** Whether an item only holds a place for readers who have not seen its subject move yet. */
export function isGhost(item: Item): boolean {
  return /\|@\d+$/.test(textOf(item, "metricFrequency") ?? "");
}

/**
 * Whether an item stands where a reader of the vintage looks for it. The series of a subject that moved stand in two
 * places, each marked with the releases that it is for: panels as of an earlier release find them where they were.
 */
export function isPlacedIn(item: Item, vintage: Vintage): boolean {
  const [since, until] = [numberOf(item, "placedSince"), numberOf(item, "placedUntil")];
  return (since === undefined || isVisible(since, vintage)) && (until === undefined || !isVisible(until, vintage));
}

export function claimsOf(item: Item): Claim[] {
  const body = item.body?.B;
  if (!body) throw new PortalError("INTERNAL", "series item without a body");
  return decodeClaims(body);
}

/** The suffix of a part that starts with these claims. */
export function partName(frequency: Frequency, claims: readonly Claim[]): string {
  return formatTimePeriod({ frequency, index: (claims[0] as Claim).period });
}

/** Coarsest first: the order in which frequencies are offered where none is asked for. */
export function compareFrequencies(a: SeriesRecord, b: SeriesRecord): number {
  return FREQUENCIES.indexOf(a.key.frequency) - FREQUENCIES.indexOf(b.key.frequency);
}
