import type { Resolvers } from "../../../schema/generated/resolvers.ts";
import { Change, ChangeConnection, ClaimChange, HeadlineValue, ObservationChange } from "./change.ts";
import { connection } from "./connections.ts";
import { DerivedRank, DerivedValue, derivedOfSeries, Notice } from "./derived.ts";
import { Agency, IndustrialComplex, Metric, Platform, Release, Source } from "./entities.ts";
import { Facet, FacetCount, facetedConnection } from "./facets.ts";
import { nodeType } from "./node-types.ts";
import { Panel, PanelRow } from "./panel.ts";
import { Query } from "./query.ts";
import { Region, RegionCounts } from "./region.ts";
import { scalars } from "./scalars.ts";
import { SearchConnection, SearchHit, Suggestion } from "./search.ts";
import { ClaimFields, Observation, Series } from "./series.ts";

/** One resolver map for the whole schema; each concept in a file of its own. */
export const resolvers: Resolvers = {
  ...scalars,
  Node: nodeType,
  Subject: nodeType as NonNullable<Resolvers["Subject"]>,
  Query,
  Region,
  RegionCounts,
  Agency,
  Platform,
  IndustrialComplex,
  Metric,
  Source,
  Release,
  Series: { ...Series, ...derivedOfSeries },
  DerivedValue,
  DerivedRank,
  Notice,
  Panel,
  PanelRow,
  Change,
  ObservationChange,
  HeadlineValue,
  ClaimChange,
  ChangeConnection,
  Observation,
  Claim: ClaimFields,
  RegionConnection: facetedConnection,
  AgencyConnection: facetedConnection,
  PlatformConnection: facetedConnection,
  IndustrialComplexConnection: facetedConnection,
  MetricConnection: facetedConnection,
  SourceConnection: facetedConnection,
  ReleaseConnection: connection,
  ProfileConnection: connection,
  Facet,
  FacetCount,
  SearchConnection,
  SearchHit,
  Suggestion,
};
