import type { EntityId } from "../identifiers.ts";
import type { Vintage } from "../series/resolution.ts";

/**
 * The entities of the catalogue as they are stored: one JSON body per version. Optional fields are absent when no
 * source said so. References to other entities are global ids.
 */

export const REGION_LEVELS = ["WORLD", "COUNTRY", "PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP", "VILLAGE"] as const;
export const AGENCY_LEVELS = ["NATIONAL", "PROVINCIAL", "PREFECTURE", "COUNTY"] as const;
export const PLATFORM_KINDS = [
  "OPEN_DATA",
  "DATA_EXCHANGE",
  "GOVERNMENT_SERVICE",
  "DATA_SHARING",
  "CREDIT",
  "CLOUD",
  "OTHER",
] as const;
export const COMPLEX_KINDS = ["INDUSTRIAL_PARK", "PILOT_ZONE", "DATA_CENTRE", "LABORATORY", "OTHER"] as const;

export interface Named {
  readonly nameEn?: string;
  readonly nameZh?: string;
}

/** What lies in a region: the region's id and the codes from the root down to it, `WORLD/CN/52/`; `""` for nowhere. */
export interface Placed {
  readonly region?: EntityId;
  readonly path: string;
}

export interface RegionBody extends Named {
  readonly level: (typeof REGION_LEVELS)[number];
  readonly parent?: EntityId;
  /** Codes from the root down to the region itself, each ended by a slash. */
  readonly path: string;
  readonly iso3166?: string;
  readonly isAggregate?: boolean;
  readonly validFrom?: string;
  /** The last day on which the code was in force; present only for historical regions. */
  readonly validTo?: string;
  readonly replacedBy?: readonly EntityId[];
  readonly source?: EntityId;
}

export interface AgencyBody extends Named, Placed {
  readonly level: (typeof AGENCY_LEVELS)[number];
  readonly establishedOn?: string;
  readonly source?: EntityId;
  readonly note?: string;
}

export interface PlatformBody extends Named, Placed {
  readonly kind: (typeof PLATFORM_KINDS)[number];
  readonly operator?: EntityId;
  readonly launchedOn?: string;
  readonly url?: string;
  readonly source?: EntityId;
  readonly note?: string;
}

export interface ComplexBody extends Named, Placed {
  readonly kind: (typeof COMPLEX_KINDS)[number];
  readonly establishedOn?: string;
  readonly source?: EntityId;
  readonly note?: string;
}

export interface MetricBody extends Named {
  /** UCUM code or annotation: `ZB`, `%`, `CNY`, `{platform}`. */
  readonly unit: string;
  readonly topic: string;
  readonly definition?: string;
  /** The metric whose value this one's is a part of, for the same subject and period. */
  readonly partOf?: EntityId;
  /** Canonical decimal that no value can exceed. */
  readonly maximum?: string;
}

export interface SourceBody {
  readonly title: string;
  readonly publisher?: string;
  readonly publishedOn?: string;
  readonly url?: string;
  /** BCP 47 tag. */
  readonly language?: string;
  readonly note?: string;
}

export interface ReleaseBody {
  readonly title: string;
  readonly publisher: string;
  /** Full date, as its publisher states it. */
  readonly publishedOn: string;
  /** The day from which it counts "as of": its own, but never before that of the release ahead of it. */
  readonly knownOn: string;
  /** ISO 8601 instant, UTC. */
  readonly committedAt: string;
  /** SHA-256 of what was published: the same files again are the same release. */
  readonly digest: string;
  readonly claims: number;
  readonly entities: number;
  readonly changes: number;
  /** Sequence number of its last change in the feed. */
  readonly lastChange: number;
}

export interface EntityBodies {
  readonly region: RegionBody;
  readonly agency: AgencyBody;
  readonly platform: PlatformBody;
  readonly complex: ComplexBody;
  readonly metric: MetricBody;
  readonly source: SourceBody;
  readonly release: ReleaseBody;
}

/** An entity as of some release. */
export interface Entity<T extends keyof EntityBodies = keyof EntityBodies> {
  readonly type: T;
  readonly id: `${T}:${string}`;
  /** The id without its prefix. */
  readonly localId: string;
  readonly body: EntityBodies[T];
  /** The release that brought this version. */
  readonly release: number;
  /** As of which it was read: what it refers to is to be read as of the same. */
  readonly vintage: Vintage;
}

export type AnyEntity = { [T in keyof EntityBodies]: Entity<T> }[keyof EntityBodies];

/** The codes of a region path, root first: `WORLD/CN/52/` → `["WORLD", "CN", "52"]`. */
export function pathCodes(path: string): string[] {
  return path.split("/").slice(0, -1);
}
