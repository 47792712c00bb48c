import { csvLine } from "../releases/files/write.ts";
import { textCell } from "./csv.ts";
import { linesOf, type RowFormat } from "./dataset.ts";
import { ATTRIBUTES, DATAFLOW, DIMENSIONS, MEASURE, seriesKeyOf } from "./sdmx.ts";

export const SDMX_CSV_COLUMNS = ["STRUCTURE", "STRUCTURE_ID", "ACTION", ...DIMENSIONS, MEASURE, ...ATTRIBUTES];

/**
 * SDMX-CSV 2.0 (for SDMX 3.0): github.com/sdmx-twg/sdmx-csv, "Data Message Field Guide". Action I (information) for what
 * stands; of what changed since a release, R (replace) and D (delete: the whole observation, so only its key is given).
 */
export const sdmxCsv: RowFormat = {
  header: csvLine(SDMX_CSV_COLUMNS),
  lines: (rows, { isUpdate }) => (isUpdate ? updates : information)(rows),
};

const STRUCTURE = `dataflow,${DATAFLOW}`;
const EMPTY = ",".repeat(1 + ATTRIBUTES.length);

const information = linesWith("I");
const updates = linesWith("R");

function linesWith(action: "I" | "R") {
  return linesOf({
    series: (series, done) => `${STRUCTURE},${done === "D" ? "D" : action},${seriesKeyOf(series).join(",")},`,
    source: ({ status, series: { unit }, source, release }) =>
      `,${status ?? ""},${textCell(unit)},${source},${release},`,
    line: ({ action: done, timePeriod, value, note }, series, source) =>
      done === "D"
        ? `${series}${timePeriod}${EMPTY}\n`
        : `${series}${timePeriod},${value ?? ""}${source}${textCell(note)}\n`,
  });
}
