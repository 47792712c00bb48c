import { badInput } from "./errors.ts";
import { FREQUENCIES, type Frequency } from "./series/time-period.ts";

/** The prefixes of global ids; also the partition of each type in the catalogue. */
export const ENTITY_TYPES = ["region", "agency", "platform", "complex", "metric", "source", "release"] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

/** What a metric can be observed for. */
export const SUBJECT_TYPES = ["region", "agency", "platform", "complex"] as const satisfies readonly EntityType[];
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** A global id of an entity, `platform:guiyang-open-data`: readable, typed, and the key of its item. */
export type EntityId = `${EntityType}:${string}`;
export type SubjectId = `${SubjectType}:${string}`;

/** One metric, one subject, one frequency. */
export interface SeriesKey {
  readonly metric: string;
  readonly subject: SubjectId;
  readonly frequency: Frequency;
}

/** Official codes: digits or capitals (`520181`, `CN`, `US-CA`). */
const REGION_CODE = /^[A-Z0-9](?:[A-Z0-9-]{0,14}[A-Z0-9])?$/;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/;
const RELEASE_NUMBER = /^[1-9]\d{0,8}$/;

/** Whether a local id (without prefix) is well formed for its type. */
export function isLocalId(type: EntityType, localId: string): boolean {
  if (type === "region") return REGION_CODE.test(localId);
  return (type === "release" ? RELEASE_NUMBER : SLUG).test(localId);
}

/** What local ids look like, for messages. */
export function localIdRule(type: EntityType): string {
  if (type === "region") return "an official code of up to 16 capitals, digits and hyphens";
  if (type === "release") return "a positive whole number";
  return "1 to 80 lower-case letters, digits and hyphens";
}

export function entityId(type: SubjectType, localId: string): SubjectId;
export function entityId(type: EntityType, localId: string): EntityId;
export function entityId(type: EntityType, localId: string): EntityId {
  return `${type}:${localId}`;
}

export function splitEntityId(id: EntityId): { type: EntityType; localId: string } {
  const colon = id.indexOf(":");
  return { type: id.slice(0, colon) as EntityType, localId: id.slice(colon + 1) };
}

export function isSubjectId(id: EntityId): id is SubjectId {
  return (SUBJECT_TYPES as readonly string[]).includes(splitEntityId(id).type);
}

/** Reads an id of a known type, with or without its prefix. Throws `BAD_USER_INPUT` naming the argument. */
export function requireIdOf<T extends EntityType>(type: T, text: string, argument: string): `${T}:${string}` {
  const localId = text.startsWith(`${type}:`) ? text.slice(type.length + 1) : text;
  if (isLocalId(type, localId)) return `${type}:${localId}`;
  throw badInput(argument, `"${shorten(text)}" is no ${type} id: after "${type}:" comes ${localIdRule(type)}`);
}

/** Reads the id of a subject; a bare code is a region's. Throws `BAD_USER_INPUT` naming the argument. */
export function requireSubjectId(text: string, argument: string): SubjectId {
  const type = SUBJECT_TYPES.find((prefix) => text.startsWith(`${prefix}:`));
  if (type) return requireIdOf(type, text, argument);
  if (isLocalId("region", text)) return entityId("region", text);
  throw badInput(argument, `"${shorten(text)}" is no subject: write region:, agency:, platform: or complex: and an id`);
}

export type NodeReference = { readonly entity: EntityId } | { readonly series: SeriesKey };

/** Reads any global id. Throws `BAD_USER_INPUT` naming the argument. */
export function requireNodeId(text: string, argument: string): NodeReference {
  if (text.startsWith("series:")) return { series: requireSeriesId(text, argument) };
  const type = ENTITY_TYPES.find((prefix) => text.startsWith(`${prefix}:`));
  if (type) return { entity: requireIdOf(type, text, argument) };
  throw badInput(
    argument,
    `"${shorten(text)}" is no global id: write its type, a colon and its own id, as region:5201`,
  );
}

/** `series:data-production/region:CN/A`. */
export function seriesId({ metric, subject, frequency }: SeriesKey): string {
  return `series:${metric}/${subject}/${frequency}`;
}

function requireSeriesId(text: string, argument: string): SeriesKey {
  const [metric = "", subject = "", frequency = "", ...rest] = text.slice("series:".length).split("/");
  if (rest.length > 0 || !(FREQUENCIES as readonly string[]).includes(frequency) || !subject.includes(":")) {
    throw badInput(argument, `"${shorten(text)}" is no series id: write series:<metric>/<subject>/<frequency>`);
  }
  return {
    metric: splitEntityId(requireIdOf("metric", metric, argument)).localId,
    subject: requireSubjectId(subject, argument),
    frequency: frequency as Frequency,
  };
}

/** A value of a caller's, cut for a message. */
export function shorten(text: string, limit = 60): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
