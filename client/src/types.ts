import type * as generated from "./generated/operations.ts";

/** Things as this client reads them; dates are as precise as their source, ids are global ones. */
export type Region = generated.RegionFieldsFragment;
export type Agency = generated.AgencyFieldsFragment;
export type Platform = generated.PlatformFieldsFragment;
export type IndustrialComplex = generated.IndustrialComplexFieldsFragment;
export type Metric = generated.MetricFieldsFragment;
export type Source = generated.SourceFieldsFragment;
export type Release = generated.ReleaseFieldsFragment;
/** A value with its source, release and status; `value` has every digit, `valueAsFloat` is the nearest double. */
export type Observation = generated.ObservationFieldsFragment;
/** A metric of a subject, with its latest observation. */
export type SeriesSummary = NonNullable<
  Extract<generated.ProfileQuery["owner"], { page: unknown }>
>["page"]["nodes"][number];
/** A metric of a subject, with its observations. */
export type Series = NonNullable<generated.SeriesQuery["found"]>;
export type SearchHit = generated.SearchQuery["page"]["nodes"][number];
/** A change with the cursor behind which the feed goes on. */
export type Change = generated.ChangeFieldsFragment & { readonly cursor: string };

/** Conditions that all must hold, the order, and how it is fetched. */
export type ListOptions<Filter, Order> = Filter & { readonly orderBy?: Order | undefined };

export type {
  AgencyFilter,
  AgencyLevel,
  AgencyOrder,
  ChangeAction,
  ChildRegionFilter,
  Frequency,
  IndustrialComplexFilter,
  IndustrialComplexKind,
  IndustrialComplexOrder,
  Language,
  MetricFilter,
  MetricOrder,
  NodeKind,
  ObservationStatus,
  PanelOrder,
  PanelSubjects,
  PlatformFilter,
  PlatformKind,
  PlatformOrder,
  RegionFilter,
  RegionLevel,
  RegionOrder,
  RegionStatus,
  ReleaseOrder,
  SourceFilter,
  SourceOrder,
} from "./generated/operations.ts";
