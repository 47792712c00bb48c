import type { ObservationRow } from "../../../portal/observations/rows.ts";

/** Readers of documents in exchange formats: by the formats' rules, knowing nothing of who wrote the document. */

/** JSON with its numbers as the texts that they were written as. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source: string }) =>
    typeof value === "number" ? context?.source : value,
  );
}

export interface SdmxMessage {
  readonly meta: { readonly id: string; readonly prepared: string };
  readonly data: { readonly structures: readonly SdmxStructure[]; readonly dataSets: readonly SdmxDataSet[] };
}

interface SdmxComponent {
  readonly id: string;
  readonly keyPosition?: number;
  readonly values?: readonly { readonly id?: string; readonly value?: unknown }[];
}

interface SdmxStructure {
  readonly dimensions: Readonly<Record<"dataSet" | "series" | "observation", readonly SdmxComponent[]>>;
  readonly measures: { readonly observation: readonly SdmxComponent[] };
  readonly attributes: Readonly<Record<"dataSet" | "observation", readonly SdmxComponent[]>>;
}

interface SdmxDataSet {
  readonly structure: number;
  readonly action: string;
  readonly attributes?: readonly (number | null)[];
  readonly series: Readonly<Record<string, { readonly observations: Readonly<Record<string, readonly unknown[]>> }>>;
}

/** Components by id, and the action of the data set that they stand in. */
export type SdmxObservation = Readonly<Record<string, unknown>>;

/**
 * The observations of an SDMX-JSON 2.0 message: where a component lists its values an index stands for one of them, else
 * the value stands itself (Field Guide, "component").
 */
export function readSdmxJson({ data }: SdmxMessage): SdmxObservation[] {
  return data.dataSets.flatMap((dataSet) => {
    const structure = data.structures[dataSet.structure] as SdmxStructure;
    const { dimensions, attributes, measures } = structure;
    const fixed = [
      ...dimensions.dataSet.map((component) => [component.id, valueAt(component, 0)] as const),
      ...attributes.dataSet.map((component, i) => [component.id, valueAt(component, dataSet.attributes?.[i])] as const),
    ];
    return Object.entries(dataSet.series).flatMap(([seriesKey, { observations }]) =>
      Object.entries(observations).map(([observationKey, cells]) => ({
        action: dataSet.action,
        ...Object.fromEntries(fixed),
        ...dimensionsOf(dimensions.series, seriesKey),
        ...dimensionsOf(dimensions.observation, observationKey),
        ...Object.fromEntries(
          [...measures.observation, ...attributes.observation].map((component, i) => [
            component.id,
            valueAt(component, cells[i]),
          ]),
        ),
      })),
    );
  });
}

function dimensionsOf(components: readonly SdmxComponent[], key: string): SdmxObservation {
  const indexes = key.split(":").map(Number);
  return Object.fromEntries(components.map((component, i) => [component.id, valueAt(component, indexes[i])]));
}

function valueAt({ values }: SdmxComponent, cell: unknown): unknown {
  if (values === undefined || cell == null) return cell ?? null;
  const value = values[cell as number];
  return value?.id ?? value?.value ?? null;
}

/** What both SDMX formats say of an observation. */
export function sdmxOf(row: ObservationRow, isUpdate = false) {
  const [type = "", ...id] = row.series.subject.split(":");
  const key = {
    FREQ: row.series.frequency,
    INDICATOR: row.series.metric,
    REF_AREA: row.series.region || "_Z",
    SUBJECT_TYPE: type.toUpperCase(),
    SUBJECT: id.join(":"),
    TIME_PERIOD: row.timePeriod,
  };
  if (row.action === "D") return { action: "Delete", ...key };
  return {
    action: isUpdate ? "Replace" : "Information",
    ...key,
    OBS_VALUE: row.value,
    OBS_STATUS: row.status,
    UNIT_MEASURE: row.series.unit,
    SOURCE: row.source,
    RELEASE: row.release,
    COMMENT_OBS: row.note || null,
  };
}
