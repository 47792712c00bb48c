import type { ObservationRow } from "../observations/rows.ts";
import { linesOf, type RowFormat } from "./dataset.ts";

/** An observation in JSON and NDJSON. Values are texts, so that no reader rounds them; empty texts are null. */
export function observationJson(row: ObservationRow) {
  const { metric, subject, region, frequency, unit } = row.series;
  return {
    metric: `metric:${metric}`,
    subject,
    region: region === "" ? null : `region:${region}`,
    frequency,
    timePeriod: row.timePeriod,
    value: row.value,
    status: row.status,
    unit,
    source: `source:${row.source}`,
    publishedOn: row.publishedOn || null,
    release: row.release,
    note: row.note || null,
    action: row.action,
  };
}

/**
 * One JSON object a line, the same as `observationJson` makes, piece by piece: only texts that people wrote can hold
 * what JSON has to escape.
 */
export const ndjson: RowFormat = {
  header: "",
  lines: linesOf({
    series: ({ metric, subject, region, frequency }) =>
      `{"metric":"metric:${metric}","subject":"${subject}","region":${textOrNull(region && `region:${region}`)},"frequency":"${frequency}","timePeriod":"`,
    source: ({ status, series: { unit }, source, publishedOn, release }) =>
      `,"status":${textOrNull(status)},"unit":${JSON.stringify(unit)},"source":"source:${source}","publishedOn":${textOrNull(publishedOn)},"release":${release},"note":`,
    line: ({ timePeriod, value, note, action }, series, source) =>
      `${series}${timePeriod}${value === null ? NO_VALUE : `","value":"${value}"`}${source}${note === "" ? "null" : JSON.stringify(note)}${END[action]}`,
  }),
};

const NO_VALUE = '","value":null';
const END = { M: ',"action":"M"}\n', D: ',"action":"D"}\n' } as const;

function textOrNull(text: string | null): string {
  return text ? `"${text}"` : "null";
}
