import { AGENCY_LEVELS, COMPLEX_KINDS, PLATFORM_KINDS, REGION_LEVELS } from "../../catalogue/entities.ts";
import type { EntityType } from "../../identifiers.ts";
import * as cell from "./cells.ts";

/** A column of a release file: how its cells are read, and where their values go in the entity's body. */
export interface Column {
  readonly rule: cell.CellRule<unknown>;
  readonly required?: boolean;
  /** Field of the body; absent for the id. */
  readonly field?: string;
  /** Type of the entity that the cell refers to; the reference must exist, in the release or in the portal. */
  readonly refersTo?: EntityType;
}

export type Columns = Readonly<Record<string, Column>>;

/** A file of entities: its columns, and which of them holds the id. */
export interface EntityFile {
  readonly file: string;
  readonly type: Exclude<EntityType, "release">;
  readonly idColumn: string;
  readonly columns: Columns;
}

const NAME = cell.text(300);
const TEXT = cell.text(4000);

const names: Columns = {
  name_en: { rule: NAME, field: "nameEn" },
  name_zh: { rule: NAME, field: "nameZh" },
};
const source: Columns = { source_id: refer("source", "source") };
const note: Columns = { note: { rule: TEXT, field: "note" } };

function refer(type: EntityType, field: string): Column {
  return { rule: cell.reference(type), field, refersTo: type };
}

function id(type: EntityType): Column {
  return { rule: cell.localId(type), required: true };
}

/** In the order in which they may refer to each other: every file only to itself and to those before it. */
export const ENTITY_FILES: readonly EntityFile[] = [
  {
    file: "sources.csv",
    type: "source",
    idColumn: "id",
    columns: {
      id: id("source"),
      title: { rule: cell.text(500), required: true, field: "title" },
      publisher: { rule: NAME, field: "publisher" },
      published_on: { rule: cell.partialDate, field: "publishedOn" },
      url: { rule: cell.url, field: "url" },
      language: { rule: cell.languageTag, field: "language" },
      ...note,
    },
  },
  {
    file: "regions.csv",
    type: "region",
    idColumn: "code",
    columns: {
      code: id("region"),
      parent_code: refer("region", "parent"),
      level: { rule: cell.oneOf(REGION_LEVELS), required: true, field: "level" },
      ...names,
      iso3166: { rule: cell.iso3166, field: "iso3166" },
      is_aggregate: { rule: cell.yes, field: "isAggregate" },
      valid_from: { rule: cell.partialDate, field: "validFrom" },
      valid_to: { rule: cell.partialDate, field: "validTo" },
      replaced_by: { rule: cell.references("region"), field: "replacedBy", refersTo: "region" },
      ...source,
    },
  },
  {
    file: "agencies.csv",
    type: "agency",
    idColumn: "id",
    columns: {
      id: id("agency"),
      ...names,
      level: { rule: cell.oneOf(AGENCY_LEVELS), required: true, field: "level" },
      region_code: refer("region", "region"),
      established_on: { rule: cell.partialDate, field: "establishedOn" },
      ...source,
      ...note,
    },
  },
  {
    file: "platforms.csv",
    type: "platform",
    idColumn: "id",
    columns: {
      id: id("platform"),
      ...names,
      kind: { rule: cell.oneOf(PLATFORM_KINDS), required: true, field: "kind" },
      region_code: refer("region", "region"),
      operator_agency_id: refer("agency", "operator"),
      launched_on: { rule: cell.partialDate, field: "launchedOn" },
      url: { rule: cell.url, field: "url" },
      ...source,
      ...note,
    },
  },
  {
    file: "complexes.csv",
    type: "complex",
    idColumn: "id",
    columns: {
      id: id("complex"),
      ...names,
      kind: { rule: cell.oneOf(COMPLEX_KINDS), required: true, field: "kind" },
      region_code: refer("region", "region"),
      established_on: { rule: cell.partialDate, field: "establishedOn" },
      ...source,
      ...note,
    },
  },
  {
    file: "metrics.csv",
    type: "metric",
    idColumn: "id",
    columns: {
      id: id("metric"),
      ...names,
      unit: { rule: cell.unit, required: true, field: "unit" },
      topic: { rule: cell.text(80), required: true, field: "topic" },
      definition_en: { rule: TEXT, field: "definition" },
      part_of: refer("metric", "partOf"),
      maximum: { rule: cell.decimal, field: "maximum" },
    },
  },
];

/** Entities that people must be able to name. */
export const NAMED_TYPES: ReadonlySet<EntityType> = new Set(["region", "agency", "platform", "complex", "metric"]);

export const OBSERVATIONS_FILE = "observations.csv";

export const SUBJECT_WORDS = { REGION: "region", AGENCY: "agency", PLATFORM: "platform", COMPLEX: "complex" } as const;

/** Columns that a deletion may leave empty, and then means every period, or every source. */
export const STATED_COLUMNS = ["time_period", "source_id"] as const;

export const OBSERVATION_COLUMNS = {
  metric_id: { rule: cell.localId("metric"), required: true },
  subject_type: {
    rule: cell.oneOf(Object.keys(SUBJECT_WORDS) as (keyof typeof SUBJECT_WORDS)[]),
    required: true,
  },
  subject_id: { rule: cell.text(80), required: true },
  time_period: { rule: cell.timePeriod },
  value: { rule: cell.decimal },
  obs_status: { rule: cell.observationStatus },
  source_id: { rule: cell.localId("source") },
  published_on: { rule: cell.partialDate },
  note: { rule: TEXT },
} as const satisfies Columns;

/** Every file may say per row what to do with it: `M` merge, which is the default, or `D` delete. */
export const ACTION_COLUMN = "action";
export const ACTIONS = ["M", "D"] as const;
export type Action = (typeof ACTIONS)[number];

export const MANIFEST_FILE = "release.json";
