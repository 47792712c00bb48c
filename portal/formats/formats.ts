import { csv } from "./csv.ts";
import type { DocumentFormat, RowFormat } from "./dataset.ts";
import { ndjson } from "./json.ts";
import { jsonStat } from "./json-stat.ts";
import { sdmxCsv } from "./sdmx-csv.ts";
import { sdmxJson } from "./sdmx-json.ts";

/** The formats that flow: any number of observations, in the memory of one batch. */
export const ROW_FORMATS = { csv, ndjson, "sdmx-csv": sdmxCsv } as const satisfies Record<string, RowFormat>;

/** The formats that are one document. */
export const DOCUMENT_FORMATS = { jsonstat: jsonStat, "sdmx-json": sdmxJson } as const satisfies Record<
  string,
  DocumentFormat
>;
