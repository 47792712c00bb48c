import type { EntityBodies } from "../catalogue/entities.ts";
import { facetsOf } from "../catalogue/placement.ts";
import type { EntityType } from "../identifiers.ts";
import type { ReadAloud } from "./pinyin.ts";
import { hasHan } from "./words.ts";

/** What can be searched, in the order in which equals are listed. */
export const SEARCHED_TYPES = ["region", "agency", "platform", "complex", "metric", "source"] as const;
export type SearchedType = (typeof SEARCHED_TYPES)[number];

/** Regions below counties are too many to be held in memory by every process that answers. */
export const SEARCHED_LEVELS: readonly string[] = ["WORLD", "COUNTRY", "PROVINCE", "PREFECTURE", "COUNTY"];

/** What the index knows of an entity: taken from its body alone, so that it changes only when the entity does. */
export interface SearchDocument {
  readonly localId: string;
  /** The title of a source, in whatever language. */
  readonly en: string;
  readonly zh: string;
  /** Of the Chinese name, else of the other: a syllable for each Han character, empty for an unknown one. */
  readonly pinyin: readonly string[];
  /** Level, kind, topic or language. */
  readonly kind: string;
  /** Codes from the root down, each ended by a slash. */
  readonly path: string;
  /** Of the address, without `www.`. */
  readonly host: string;
  /** ISO 3166 code of a region, publisher of a source. */
  readonly also: string;
  readonly historical: boolean;
}

/** Names are indexed as far as index keys hold them. */
const NAME_LENGTH = 200;

export function isSearched(type: EntityType, body: EntityBodies[EntityType] | null): body is EntityBodies[EntityType] {
  if (body === null || !(SEARCHED_TYPES as readonly string[]).includes(type)) return false;
  return type !== "region" || SEARCHED_LEVELS.includes((body as EntityBodies["region"]).level);
}

export function documentOf<T extends SearchedType>(
  type: T,
  localId: string,
  body: EntityBodies[T],
  readAloud: ReadAloud,
): SearchDocument {
  const { kind, path, historical = false } = facetsOf(type, body);
  const { nameEn, nameZh, title, url, iso3166, publisher } = body as Partial<
    EntityBodies["region"] & EntityBodies["platform"] & EntityBodies["source"]
  >;
  const en = cut(nameEn ?? title);
  const zh = cut(nameZh);
  const han = zh === "" ? en : zh;
  return {
    ...{ localId, en, zh, kind, path, historical },
    pinyin: hasHan(han) ? readAloud(han) : [],
    host: hostOf(url ?? ""),
    also: cut(iso3166 ?? publisher),
  };
}

/** Whether anybody who changes one body into the other has to read names aloud. */
export function namesToRead(body: EntityBodies[EntityType]): boolean {
  const { nameEn, nameZh, title } = body as Partial<EntityBodies["region"] & EntityBodies["source"]>;
  return hasHan(`${nameEn ?? ""}${nameZh ?? ""}${title ?? ""}`);
}

/** The host of an address, for people: without the port and `www.`; empty for what is no address. */
export function hostOf(url: string): string {
  const host = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#\s:@]+)/i.exec(url)?.[1] ?? "";
  return host
    .toLowerCase()
    .replace(/^www\./, "")
    .slice(0, NAME_LENGTH);
}

function cut(text: string | undefined): string {
  return Array.from((text ?? "").slice(0, 2 * NAME_LENGTH))
    .slice(0, NAME_LENGTH)
    .join("");
}

/** As stored: a JSON array of fields, those at the end left out where empty. */
export function encodeDocument(document: SearchDocument): unknown[] {
  const { localId, en, zh, pinyin, kind, path, host, also, historical } = document;
  const fields = [localId, kind, path, en, zh, pinyin.join(" "), host, also, historical ? 1 : 0];
  const last = fields.findLastIndex((field) => field !== "" && field !== 0);
  return fields.slice(0, last + 1);
}

export function decodeDocument(fields: readonly unknown[]): SearchDocument {
  const [localId, kind, path, en, zh, pinyin, host, also, historical] = fields as (string | undefined)[];
  return {
    localId: localId ?? "",
    kind: kind ?? "",
    path: path ?? "",
    en: en ?? "",
    zh: zh ?? "",
    pinyin: pinyin ? pinyin.split(" ") : [],
    host: host ?? "",
    also: also ?? "",
    historical: Boolean(historical),
  };
}
