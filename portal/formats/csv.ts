import { SUBJECT_TYPES, type SubjectId } from "../identifiers.ts";
import { csvCell, csvLine } from "../releases/files/write.ts";
import { linesOf, type RowFormat } from "./dataset.ts";

/** The columns of the plain CSV: those of a release's `observations.csv`, and what one would otherwise have to look up. */
export const CSV_COLUMNS = [
  "metric_id",
  "subject_type",
  "subject_id",
  "region_code",
  "frequency",
  "time_period",
  "value",
  "obs_status",
  "unit",
  "source_id",
  "published_on",
  "release",
  "note",
  "action",
] as const;

/** CSV by RFC 4180, in UTF-8 without a byte order mark, lines ended by LF. A missing value is an empty cell. */
export const csv: RowFormat = {
  header: csvLine(CSV_COLUMNS),
  // Only texts that people wrote can need quotes: ids, codes, periods and numbers have no character that does.
  lines: linesOf({
    series: ({ metric, subject, region, frequency }) =>
      `${metric},${typeOf(subject)},${subject.slice(subject.indexOf(":") + 1)},${region},${frequency},`,
    source: ({ status, series: { unit }, source, publishedOn, release }) =>
      `,${status ?? ""},${textCell(unit)},${source},${publishedOn},${release},`,
    line: ({ timePeriod, value, note, action }, series, source) =>
      `${series}${timePeriod},${value ?? ""}${source}${textCell(note)}${END[action]}`,
  }),
};

const END = { M: ",M\n", D: ",D\n" } as const;

const TYPES = new Map(SUBJECT_TYPES.map((type) => [type as string, type.toUpperCase()]));

/** `REGION` for `region:52`. */
export function typeOf(subject: SubjectId): string {
  return TYPES.get(subject.slice(0, subject.indexOf(":"))) ?? "";
}

/** A cell for words that people wrote. */
export function textCell(text: string): string {
  return NEEDS_CARE.test(text) ? csvCell(harmless(text)) : text;
}

/** What `harmless` and `csvCell` look for, at once. */
const NEEDS_CARE = /[",\r\n]|^'*[=+\-@\t＝＋－＠]/;

/** What spreadsheets take for the start of a formula, in the widths that East Asian ones know. */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;

/**
 * A text that a spreadsheet shows and does not calculate: `=HYPERLINK(…)` in a note would otherwise run for whoever
 * opens the file. One apostrophe goes in front, which spreadsheets take for "this is text" and `plainText` takes off
 * again. Only for words that people wrote: ids and codes cannot begin so, and a negative number is a number.
 */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that `harmless` was given. */
export function plainText(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}
