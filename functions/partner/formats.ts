import { type Dataset, textOfRows } from "../../portal/formats/dataset.ts";
import { DOCUMENT_FORMATS, ROW_FORMATS } from "../../portal/formats/formats.ts";
import { observationJson } from "../../portal/formats/json.ts";
import type { ObservationRow } from "../../portal/observations/rows.ts";
import { preferredOffer } from "../http/accept.ts";
import type { Parameters } from "./parameters.ts";
import { Problem } from "./problem.ts";
import { JSON_TYPE, listBody } from "./request.ts";

export type FormatName = "json" | keyof typeof ROW_FORMATS | keyof typeof DOCUMENT_FORMATS;

interface Format {
  /** As `Accept` names it; the first format of a type is the one that is meant. */
  readonly type: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly write: (dataset: Dataset, rows: readonly ObservationRow[], next: string | null) => string;
}

/** RFC 6906: which of the many things that JSON can be. */
const JSON_STAT_PROFILE = "https://json-stat.org/format/";

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  json: {
    type: JSON_TYPE,
    contentType: JSON_TYPE,
    write: ({ release }, rows, next) => listBody(rows.map(observationJson), next, { release }),
  },
  csv: { type: "text/csv", contentType: "text/csv; charset=utf-8; header=present", write: rowsAs("csv") },
  ndjson: { type: "application/x-ndjson", contentType: "application/x-ndjson", write: rowsAs("ndjson") },
  "sdmx-csv": {
    type: "application/vnd.sdmx.data+csv",
    parameters: { version: "2.0.0" },
    contentType: "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8",
    write: rowsAs("sdmx-csv"),
  },
  "sdmx-json": {
    type: "application/vnd.sdmx.data+json",
    parameters: { version: "2.0.0" },
    contentType: "application/vnd.sdmx.data+json; version=2.0.0",
    write: DOCUMENT_FORMATS["sdmx-json"],
  },
  jsonstat: {
    type: JSON_TYPE,
    parameters: { profile: JSON_STAT_PROFILE },
    contentType: `${JSON_TYPE}; profile="${JSON_STAT_PROFILE}"`,
    write: DOCUMENT_FORMATS.jsonstat,
  },
};

function rowsAs(name: keyof typeof ROW_FORMATS) {
  return (dataset: Dataset, rows: readonly ObservationRow[]) => textOfRows(ROW_FORMATS[name], dataset, rows);
}

const NAMES = Object.keys(FORMATS) as FormatName[];

/** The format by `?format=`, else by `Accept`. @throws Problem 406 where the client accepts none that there is. */
export function formatOf(parameters: Parameters, accept: string | undefined): FormatName {
  const named = parameters.oneOf("format", NAMES);
  if (named !== undefined) return named;
  const found = preferredOffer(
    accept,
    NAMES.map((name) => ({ name, ...FORMATS[name] })),
  );
  if (found !== undefined) return found.name;
  const types = [...new Set(NAMES.map((name) => FORMATS[name].type))].join(", ");
  throw new Problem(406, "NOT_ACCEPTABLE", `The answer can be ${types}; the Accept header allows none of them.`);
}
