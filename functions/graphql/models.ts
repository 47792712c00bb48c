import type { Entity } from "../../portal/catalogue/entities.ts";
import type { FacetCounts, Facet as FacetField } from "../../portal/catalogue/list-facets.ts";
import type { PageOf } from "../../portal/paging/page.ts";
import type { HeadlineValue, ObservationChange } from "../../portal/releases/change-records.ts";
import type { NumberedChange } from "../../portal/releases/changes.ts";
import type { SearchHit } from "../../portal/search/search.ts";
import type { Suggestion } from "../../portal/search/suggest.ts";
import type { Claim } from "../../portal/series/claims.ts";
import type { Derived, DerivedMeasure, UndefinedReason } from "../../portal/series/derived.ts";
import type { SeriesRecord } from "../../portal/series/items.ts";
import type { DatedNotice } from "../../portal/series/notice-history.ts";
import type { Panel, PanelRow } from "../../portal/series/panel.ts";
import type { Observation, Vintage } from "../../portal/series/resolution.ts";
import type { Frequency } from "../../portal/series/time-period.ts";

/** What resolvers hand each other: the core's own values, with what a field further down needs to answer. */

export type RegionModel = Entity<"region">;
export type AgencyModel = Entity<"agency">;
export type PlatformModel = Entity<"platform">;
export type ComplexModel = Entity<"complex">;
export type MetricModel = Entity<"metric">;
export type SourceModel = Entity<"source">;
export type ReleaseModel = Entity<"release">;
export type SubjectModel = RegionModel | AgencyModel | PlatformModel | ComplexModel;

/** One page of a list. Cursors and the total are worked out when they are asked for. */
export interface ConnectionModel<Node> {
  readonly page: PageOf<Node>;
  readonly cursorOf: (position: string) => string;
  readonly total: () => Promise<number | null>;
  /** Counts of the whole list; null where none are kept. Absent for lists that have no facets. */
  readonly facet?: (facet: FacetField) => Promise<FacetCounts | null>;
}

export interface FacetModel {
  readonly field: FacetField;
  readonly counts: FacetCounts | null;
}

export interface FacetCountModel {
  readonly field: FacetField;
  readonly value: string | null;
  readonly count: number;
}

export type SearchHitModel = SearchHit;
export type SuggestionModel = Suggestion;

/** A page of hits, and what is known of the index that they were found in. */
export interface SearchConnectionModel extends ConnectionModel<SearchHitModel> {
  readonly hits: number;
  readonly indexRelease: number;
  readonly notIndexed: () => Promise<number | null>;
}

export interface EdgeModel<Node> {
  readonly cursor: string;
  readonly node: Node;
}

/** A series as of a vintage. */
export interface SeriesModel extends SeriesRecord {
  readonly type: "series";
  readonly vintage: Vintage;
}

export interface ObservationModel extends Observation {
  readonly series: SeriesModel;
}

/** A standing claim, or an older one that it revises (which has no revisions of its own). */
export type ClaimModel = Claim & { readonly revisions?: readonly Claim[]; readonly vintage: Vintage };

export interface RegionCountsModel {
  readonly region: RegionModel;
}

/** A panel, with what it was asked for. */
export interface PanelModel extends Panel {
  readonly metric: MetricModel;
  readonly vintage: Vintage;
}

export type PanelRowModel = PanelRow & { readonly vintage: Vintage };

export interface DerivedValueModel extends Derived<ObservationModel> {
  readonly measure: DerivedMeasure;
  readonly series: SeriesModel;
  readonly frequency: Frequency;
}

export interface DerivedRankModel {
  readonly period: number;
  readonly frequency: Frequency;
  readonly rank: number | null;
  readonly outOf: number;
  readonly undefined: UndefinedReason | null;
  readonly derivedFrom: readonly ObservationModel[];
}

export interface NoticeModel extends DatedNotice {
  readonly frequency: Frequency;
}

export type ChangeModel = NumberedChange;
export type ObservationChangeModel = ObservationChange;
export type HeadlineValueModel = HeadlineValue;
export type ClaimChangeModel = ObservationChange["claims"][number];

/** A page of the change feed; when there is no news its end is where it began. */
export interface ChangeConnectionModel extends ConnectionModel<ChangeModel> {
  readonly resumeAt: string | null;
}
