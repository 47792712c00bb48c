import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import type { EntityId } from "../identifiers.ts";
import type { Claim, ObservationStatus } from "../series/claims.ts";
import { type Item, numberOf } from "../store/requests.ts";

/**
 * The change feed as it is stored. Changes are numbered 1, 2, 3 … over all releases and lie in blocks of a fixed
 * count, so that any position is found without an index: change n stands in block ⌊(n − 1) / BLOCK_SIZE⌋. A block may
 * hold the end of one release and the start of the next; readers see no further than HEAD says.
 */
export const BLOCK_SIZE = 32;

/**
 * Observations, and bytes of them as they are packed, that one change of a series speaks of; what is more goes on in
 * the next change. A single claim is never longer by much – its note has 4,000 characters at most – so that a full
 * block stays below the 400 KB that an item can have, even if nothing of it can be compressed.
 */
export const OBSERVATIONS_PER_CHANGE = 100;
export const BYTES_PER_CHANGE = 12_000;

export type ChangeAction = "ADDED" | "REVISED" | "WITHDRAWN" | "DELETED";

export interface HeadlineValue {
  readonly value: string | null;
  readonly status: ObservationStatus;
  readonly source: string;
}

export interface ObservationChange {
  readonly timePeriod: string;
  readonly action: Exclude<ChangeAction, "DELETED">;
  /** The headline before and after, targets included; null for none. */
  readonly old: HeadlineValue | null;
  readonly new: HeadlineValue | null;
  /** The claims that the release added for the period; a null status withdraws. */
  readonly claims: readonly Pick<Claim, "source" | "status" | "value" | "publishedOn" | "note">[];
}

export interface ChangeRecord {
  readonly release: number;
  readonly action: ChangeAction;
  /** Global id of the entity or series. */
  readonly node: EntityId | `series:${string}`;
  /** Empty for entities. */
  readonly observations: readonly ObservationChange[];
}

export function blockOf(sequence: number): number {
  return Math.floor((sequence - 1) / BLOCK_SIZE);
}

export function blockKey(block: number): Item {
  return { id: { S: `changes:${block}` } };
}

/** As stored: arrays instead of objects, and a headline that is one of the claims by its place among them. */
type PackedRecord = [ChangeRecord["release"], ChangeAction, ChangeRecord["node"], PackedObservation[]];
type PackedObservation = [
  timePeriod: string,
  action: ObservationChange["action"],
  old: PackedHeadline,
  now: PackedHeadline,
  claims: PackedClaim[],
];
type PackedHeadline = [value: string | null, status: ObservationStatus, source: string] | number | null;
type PackedClaim = [source: string, status: Claim["status"], value: string | null, publishedOn: string, note: string];

function packRecord({ release, action, node, observations }: ChangeRecord): PackedRecord {
  return [release, action, node, observations.map(packObservation)];
}

function packObservation({ timePeriod, action, old, new: now, claims }: ObservationChange): PackedObservation {
  const stated = claims.findIndex(
    ({ source, status, value }) =>
      now !== null && source === now.source && status === now.status && value === now.value,
  );
  return [
    timePeriod,
    action,
    old && [old.value, old.status, old.source],
    stated >= 0 ? stated : now && [now.value, now.status, now.source],
    claims.map(({ source, status, value, publishedOn, note }) => [source, status, value, publishedOn, note]),
  ];
}

function unpackRecord([release, action, node, observations]: PackedRecord): ChangeRecord {
  return { release, action, node, observations: observations.map(unpackObservation) };
}

function unpackObservation([timePeriod, action, old, now, packed]: PackedObservation): ObservationChange {
  const claims = packed.map(([source, status, value, publishedOn, note]) => ({
    source,
    status,
    value,
    publishedOn,
    note,
  }));
  return { timePeriod, action, old: headlineOf(old, claims), new: headlineOf(now, claims), claims };
}

function headlineOf(packed: PackedHeadline, claims: ObservationChange["claims"]): HeadlineValue | null {
  if (typeof packed !== "number") return packed && { value: packed[0], status: packed[1], source: packed[2] };
  const { value, status, source } = claims[packed] as ObservationChange["claims"][number];
  return status && { value, status, source };
}

const deflate = promisify(deflateRaw);

/** Level 1: blocks are written once and read by few, and publishing waits for this. */
export async function blockItem(block: number, records: readonly ChangeRecord[]): Promise<Item> {
  const body = await deflate(Buffer.from(JSON.stringify(records.map(packRecord))), { level: 1 });
  return { ...blockKey(block), body: { B: body } };
}

export function blockRecords(item: Item | undefined): ChangeRecord[] {
  const body = item?.body?.B;
  return body ? (JSON.parse(inflateRawSync(body).toString("utf8")) as PackedRecord[]).map(unpackRecord) : [];
}

export function blockNumber(item: Item): number {
  return Number((item.id?.S ?? "").slice("changes:".length));
}

export function revisionOf(item: Item | undefined): number {
  return (item && numberOf(item, "revision")) ?? 0;
}

/** Cuts the observations of one series into those of single changes. */
export function observationGroups(changes: readonly ObservationChange[]): ObservationChange[][] {
  const groups: ObservationChange[][] = [];
  let size = 0;
  for (const change of changes.flatMap(piecesOf)) {
    const bytes = packedBytes(change);
    const group = groups.at(-1);
    if (!group || group.length === OBSERVATIONS_PER_CHANGE || size + bytes > BYTES_PER_CHANGE) {
      groups.push([change]);
      size = bytes;
    } else {
      group.push(change);
      size += bytes;
    }
  }
  return groups;
}

/** A period of which too many sources speak for one change: the first piece tells the headline, the others more claims. */
function piecesOf(change: ObservationChange): ObservationChange[] {
  const { claims, new: now } = change;
  if (claims.length < 2 || packedBytes(change) <= BYTES_PER_CHANGE) return [change];
  const middle = claims.length >> 1;
  const action = now ? "REVISED" : "WITHDRAWN";
  return [
    { ...change, claims: claims.slice(0, middle) },
    { ...change, action, old: now, claims: claims.slice(middle) } as const,
  ].flatMap(piecesOf);
}

function packedBytes(change: ObservationChange): number {
  return Buffer.byteLength(JSON.stringify(packObservation(change)));
}
