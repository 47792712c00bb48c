import type { ObservationRow } from "../observations/rows.ts";
import { type Dataset, metricName, requireDocumentSize } from "./dataset.ts";
import { AGENCY, ATTRIBUTES, DATAFLOW_URN, FREQUENCY_NAMES, MEASURE, STATUS_NAMES, seriesKeyOf } from "./sdmx.ts";

const SCHEMA =
  "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/v2.0.0/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json";

/** Attributes that vary by observation; the unit is the metric's. */
const BY_OBSERVATION = ATTRIBUTES.filter((id) => id !== "UNIT_MEASURE");

type ComponentValue = { readonly id: string; readonly name: string } | { readonly value: string };

/**
 * An SDMX-JSON 2.0 data message: github.com/sdmx-twg/sdmx-json, "Data Message Field Guide". Time series; the metric is
 * a dimension of the whole data set. OBS_VALUE is of the data type Decimal, whose values are JSON texts: no reader
 * rounds them. What was deleted since a release is in a data set of its own, whose action is Delete.
 */
export function sdmxJson(dataset: Dataset, rows: readonly ObservationRow[]): string {
  requireDocumentSize(rows);
  const values = new ValueLists();
  const standing = rows.filter(({ action }) => action === "M");
  const deleted = rows.filter(({ action }) => action === "D");
  const dataSets = [
    dataSetOf(dataset.isUpdate ? "Replace" : "Information", standing, values),
    ...(deleted.length > 0 ? [dataSetOf("Delete", deleted, values)] : []),
  ];
  const structure = structureOf(dataset, values, dataSets.length);
  return JSON.stringify({ meta: metaOf(dataset), data: { structures: [structure], dataSets } });
}

/** The values of each dimension in the order in which they first come: data sets name them by their index. */
class ValueLists {
  readonly #lists = new Map<string, Map<string, number>>();

  indexOf(component: string, value: string): number {
    const list = this.#lists.get(component) ?? new Map<string, number>();
    this.#lists.set(component, list);
    const index = list.get(value) ?? list.size;
    list.set(value, index);
    return index;
  }

  of(component: string): string[] {
    return [...(this.#lists.get(component)?.keys() ?? [])];
  }
}

type Observations = Record<string, (string | number | null)[]>;

function dataSetOf(action: string, rows: readonly ObservationRow[], values: ValueLists) {
  const series: Record<string, { observations: Observations }> = {};
  for (const row of rows) {
    const [frequency, , area, type, subject] = seriesKeyOf(row.series);
    const key = [
      values.indexOf("FREQ", frequency),
      values.indexOf("REF_AREA", area),
      values.indexOf("SUBJECT_TYPE", type),
      values.indexOf("SUBJECT", subject),
    ].join(":");
    series[key] ??= { observations: {} };
    series[key].observations[values.indexOf("TIME_PERIOD", row.timePeriod)] = observationOf(row, values);
  }
  const attributes = action === "Delete" ? {} : { attributes: [0] };
  return { structure: 0, action, links: [{ urn: DATAFLOW_URN, rel: "dataflow" }], ...attributes, series };
}

/** The measure, then the attributes in the order of the structure; those without a list of values stand as they are. */
function observationOf(row: ObservationRow, values: ValueLists): (string | number | null)[] {
  if (row.action === "D") return [];
  const status = row.status === null ? null : values.indexOf("OBS_STATUS", row.status);
  return [row.value, status, row.source, row.release, row.note === "" ? null : row.note];
}

function structureOf(dataset: Dataset, values: ValueLists, dataSets: number) {
  const { metric } = dataset;
  const free = (id: string) => values.of(id).map((value) => ({ value }));
  const coded = (id: string, names: Readonly<Record<string, string>>) =>
    values.of(id).map((code) => ({ id: code, name: names[code] ?? code }));
  const text = { dataType: "String" };
  return {
    name: metricName(metric),
    dataSets: Array.from({ length: dataSets }, (_, index) => index),
    links: [{ urn: DATAFLOW_URN, rel: "dataflow" }],
    dimensions: {
      dataSet: [dimension("INDICATOR", 1, [{ id: metric.id, name: metricName(metric) }])],
      series: [
        dimension("FREQ", 0, coded("FREQ", FREQUENCY_NAMES)),
        { ...dimension("REF_AREA", 2, free("REF_AREA")), format: text },
        dimension("SUBJECT_TYPE", 3, coded("SUBJECT_TYPE", SUBJECT_TYPE_NAMES)),
        { ...dimension("SUBJECT", 4, free("SUBJECT")), format: text },
      ].filter(hasValues),
      observation: [
        {
          ...dimension("TIME_PERIOD", 5, free("TIME_PERIOD")),
          format: { dataType: "ObservationalTimePeriod" },
        },
      ].filter(hasValues),
    },
    measures: {
      observation: [{ id: MEASURE, name: "Observation value", roles: [MEASURE], format: { dataType: "Decimal" } }],
    },
    attributes: {
      dataSet: [
        {
          id: "UNIT_MEASURE",
          name: "Unit of measure (UCUM)",
          roles: ["UNIT_MEASURE"],
          relationship: { dimensions: ["INDICATOR"] },
          format: text,
          values: [{ value: metric.unit }],
        },
      ],
      observation: BY_OBSERVATION.map((id) => attribute(id, coded("OBS_STATUS", STATUS_NAMES))),
    },
  };
}

const SUBJECT_TYPE_NAMES: Readonly<Record<string, string>> = {
  REGION: "Region",
  AGENCY: "Agency",
  PLATFORM: "Platform",
  COMPLEX: "Industrial complex",
};

const DIMENSION_NAMES: Readonly<Record<string, string>> = {
  FREQ: "Frequency",
  INDICATOR: "Indicator",
  REF_AREA: "Reference area",
  SUBJECT_TYPE: "Type of what is observed",
  SUBJECT: "What is observed",
  TIME_PERIOD: "Time period",
};

const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  SOURCE: "Source",
  RELEASE: "Release that stated the value",
  COMMENT_OBS: "Comment",
};

/** Ours have no role: roles are SDMX's concepts. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  FREQ: ["FREQ"],
  REF_AREA: ["REF_AREA"],
  TIME_PERIOD: ["TIME_PERIOD"],
};

function dimension(id: string, keyPosition: number, values: readonly ComponentValue[]) {
  const roles = ROLES[id];
  return { id, name: DIMENSION_NAMES[id] ?? id, keyPosition, ...(roles ? { roles } : {}), values };
}

/** A message without observations has no values to list, and the standard no empty lists. */
function hasValues({ values }: { values: readonly ComponentValue[] }): boolean {
  return values.length > 0;
}

function attribute(id: string, statuses: readonly ComponentValue[]) {
  const relationship = { observation: {} };
  if (id === "OBS_STATUS") {
    const values = statuses.length > 0 ? { values: statuses } : {};
    return { id, name: "Observation status", roles: [id], relationship, ...values };
  }
  return {
    id,
    name: ATTRIBUTE_NAMES[id] ?? id,
    relationship,
    format: { dataType: id === "RELEASE" ? "Integer" : "String" },
  };
}

/** Nothing in it depends on when it was made: the same release makes the same bytes. */
function metaOf({ metric, release, releasedAt }: Dataset) {
  return {
    schema: SCHEMA,
    id: `${metric.id}-${release}`,
    prepared: releasedAt,
    contentLanguages: ["en"],
    sender: { id: AGENCY, name: "Gazetteer" },
  };
}
