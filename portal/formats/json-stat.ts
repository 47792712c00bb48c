import { PortalError } from "../errors.ts";
import type { ObservationRow, ObservedSeries } from "../observations/rows.ts";
import { MAX_CELLS } from "../series/panel.ts";
import { parseTimePeriod, startDay } from "../series/time-period.ts";
import { type Dataset, metricName, requireDocumentSize } from "./dataset.ts";
import { FREQUENCY_NAMES } from "./sdmx.ts";

/**
 * A JSON-stat 2.0 dataset: json-stat.org/format. Its dimensions are the metric, the frequency where there are several,
 * the subjects, and the time periods. Values are JSON numbers with every digit of the decimal: who reads them as
 * doubles gets the nearest one, who reads them exactly gets them exactly. Only the cells that are stated are written.
 *
 * @throws PortalError `LIMIT_EXCEEDED` for more cells than a reader can be asked to hold.
 */
export function jsonStat(dataset: Dataset, rows: readonly ObservationRow[]): string {
  requireDocumentSize(rows);
  const frequencies = distinct(rows.map(({ series }) => series.frequency));
  const subjects = distinct(rows.map(({ series }) => series.subject));
  const periods = inOrder(distinct(rows.map(({ timePeriod }) => timePeriod)));
  const sizes = [1, frequencies.size, subjects.size, periods.size];
  const cells = sizes.reduce((product, size) => product * size, 1);
  if (cells > MAX_CELLS) {
    throw new PortalError(
      "LIMIT_EXCEEDED",
      `the table would have ${cells} cells, of which a document holds at most ${MAX_CELLS}: narrow it, or ask for a smaller page`,
    );
  }
  const sorted = rows
    .map((row) => ({ row, cell: cellOf(row, frequencies, subjects, periods) }))
    .sort((a, b) => a.cell - b.cell);
  const valued = sorted.filter(({ row }) => row.value !== null);
  const values = valued.map(({ cell, row }) => `"${cell}":${row.value}`).join(",");
  const status = Object.fromEntries(sorted.map(({ cell, row }) => [cell, row.status]));
  const frame = frameOf(dataset, sizes, { frequencies, subjects, periods });
  // Readers take an object without members for no data at all, and do not look at the statuses.
  const value = values === "" ? JSON.stringify(new Array(cells).fill(null)) : `{${values}}`;
  // The numbers are put in as text: a JavaScript number would lose digits.
  return `${JSON.stringify({ ...frame, status }).slice(0, -1)},"value":${value}}`;
}

type Index<Value extends string> = ReadonlyMap<Value, number>;

interface Axes {
  readonly frequencies: Index<ObservedSeries["frequency"]>;
  readonly subjects: Index<ObservedSeries["subject"]>;
  readonly periods: Index<string>;
}

function distinct<Value extends string>(values: readonly Value[]): Index<Value> {
  return new Map([...new Set(values)].map((value, index) => [value, index]));
}

function inOrder(periods: Index<string>): Index<string> {
  const starts = new Map([...periods.keys()].map((text) => [text, startOf(text)]));
  const sorted = [...periods.keys()].sort((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0) || (a < b ? -1 : 1));
  return distinct(sorted);
}

function startOf(text: string): number {
  const period = parseTimePeriod(text);
  return period ? startDay(period) : 0;
}

/** Row-major, as the format has it: the last dimension runs fastest. */
function cellOf(
  { series: { frequency, subject }, timePeriod }: ObservationRow,
  frequencies: Axes["frequencies"],
  subjects: Axes["subjects"],
  periods: Axes["periods"],
): number {
  const row = (frequencies.get(frequency) ?? 0) * subjects.size + (subjects.get(subject) ?? 0);
  return row * periods.size + (periods.get(timePeriod) ?? 0);
}

function frameOf(dataset: Dataset, size: readonly number[], { frequencies, subjects, periods }: Axes) {
  const { metric, release, releasedAt } = dataset;
  const isMap = [...subjects.keys()].every((subject) => subject.startsWith("region:"));
  const rowsExist = frequencies.size > 0;
  const names = Object.fromEntries([...frequencies.keys()].map((code) => [code, FREQUENCY_NAMES[code]]));
  return {
    version: "2.0",
    class: "dataset",
    label: metricName(metric),
    updated: releasedAt,
    id: ["INDICATOR", "FREQ", "SUBJECT", "TIME_PERIOD"],
    size,
    role: { metric: ["INDICATOR"], time: ["TIME_PERIOD"], ...(isMap ? { geo: ["SUBJECT"] } : {}) },
    dimension: {
      INDICATOR: {
        label: "Indicator",
        category: {
          index: [metric.id],
          label: { [metric.id]: metricName(metric) },
          unit: { [metric.id]: { label: metric.unit, symbol: metric.unit } },
        },
      },
      FREQ: {
        label: "Frequency",
        category: { index: [...frequencies.keys()], ...(rowsExist ? { label: names } : {}) },
      },
      SUBJECT: { label: "Subject", category: { index: [...subjects.keys()] } },
      TIME_PERIOD: { label: "Time period", category: { index: [...periods.keys()] } },
    },
    extension: { release },
  };
}
