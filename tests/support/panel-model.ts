import { endOf, next, startOf } from "./calendar.ts";
import { type ModelClaim, type ModelObservation, observationsOf } from "./claim-model.ts";

/** What a panel must answer, worked out series by series from the claims. */

export interface PanelQuestion {
  readonly metric: string;
  /** Global ids in the order of their regions. */
  readonly subjects: readonly string[];
  readonly frequency?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly last?: number | undefined;
  readonly status?: readonly string[] | undefined;
  readonly orderBy?: { readonly timePeriod: string; readonly direction: "ASC" | "DESC" } | undefined;
  readonly top?: number | undefined;
  readonly asOf: number;
}

export interface ModelPanel {
  readonly frequency: string;
  readonly timePeriods: readonly string[];
  readonly rowCount: number;
  readonly rows: readonly ModelRow[];
}

interface ModelRow {
  readonly subject: { readonly id: string };
  readonly values: readonly (string | null)[];
  readonly statuses: readonly (string | null)[];
  readonly missing: number;
}

const FREQUENCIES = [..."ASQMWD"];

/** Null where the subjects have no series; "REFUSED" where the period to order by is no column. */
export function panelOf(claims: readonly ModelClaim[], question: PanelQuestion): ModelPanel | null | "REFUSED" {
  const { metric, subjects, asOf, orderBy } = question;
  const visible = claims.filter(({ release }) => release <= asOf);
  const frequency =
    question.frequency ??
    FREQUENCIES.find((one) =>
      subjects.some((id) => observationsOf(claims, `${metric}/${id}/${one}`, asOf, question.status).length > 0),
    ) ??
    FREQUENCIES.find((one) => subjects.some((id) => has(visible, metric, id, one)));
  if (frequency === undefined) return null;
  const found = subjects.map((id) => ({
    id,
    observations: observationsOf(claims, `${metric}/${id}/${frequency}`, asOf, question.status).filter((observation) =>
      isWithin(observation, question),
    ),
  }));
  const all = columnsOf(
    found.flatMap(({ observations }) => observations.map(({ timePeriod }) => timePeriod)),
    frequency,
    question,
  );
  const timePeriods = question.last === undefined ? all : all.slice(-question.last);
  const rows = found
    .map(({ id, observations }) => rowOf(id, timePeriods, observations))
    .filter(({ statuses }) => statuses.some((status) => status !== null));
  if (orderBy && !timePeriods.includes(orderBy.timePeriod)) return "REFUSED";
  const ordered = orderBy ? inOrder(rows, timePeriods.indexOf(orderBy.timePeriod), orderBy.direction) : rows;
  return { frequency, timePeriods, rowCount: rows.length, rows: ordered.slice(0, question.top) };
}

/** What was observed; where an end is named also what lies between there and the other end, or the outermost observed. */
function columnsOf(observed: readonly string[], frequency: string, { from, to }: PanelQuestion): string[] {
  const sorted = [...new Set(observed)].sort();
  if (from === undefined && to === undefined) return sorted;
  const start = from === undefined ? sorted[0] : firstPeriod(frequency, startOf(from));
  const end = to === undefined ? sorted.at(-1) : undefined;
  const columns: string[] = [];
  if (start === undefined || (to === undefined && end === undefined)) return columns;
  const goesOn = (period: string) => (to === undefined ? period <= (end as string) : startOf(period) < endOf(to));
  for (let period = start; goesOn(period); period = next(period)) columns.push(period);
  return columns;
}

/** The first period of a frequency that starts on a day or later. */
function firstPeriod(frequency: string, day: number): string {
  let period = EARLIEST[frequency] as string;
  while (startOf(period) < day) period = next(period);
  return period;
}

/** Periods of each frequency that lie before all that tests ask for. */
const EARLIEST: Readonly<Record<string, string>> = {
  A: "2018",
  S: "2018-S1",
  Q: "2018-Q1",
  M: "2018-01",
  W: "2018-W01",
  D: "2018-01-01",
};

function has(claims: readonly ModelClaim[], metric: string, subject: string, frequency: string): boolean {
  return claims.some(({ series }) => series === `${metric}/${subject}/${frequency}`);
}

function isWithin({ timePeriod }: ModelObservation, { from, to }: PanelQuestion): boolean {
  const start = startOf(timePeriod);
  return (from === undefined || start >= startOf(from)) && (to === undefined || start < endOf(to));
}

function rowOf(id: string, timePeriods: readonly string[], observations: readonly ModelObservation[]): ModelRow {
  const cells = timePeriods.map((period) => observations.find(({ timePeriod }) => timePeriod === period));
  return {
    subject: { id },
    values: cells.map((cell) => cell?.value ?? null),
    statuses: cells.map((cell) => cell?.status ?? null),
    missing: cells.filter((cell) => cell === undefined || cell.value === null).length,
  };
}

/** The usual order where values are equal; rows without a value last. */
function inOrder(rows: readonly ModelRow[], column: number, direction: "ASC" | "DESC"): ModelRow[] {
  const [valued, rest] = [
    rows.filter((row) => row.values[column] !== null),
    rows.filter((row) => row.values[column] === null),
  ];
  const sign = direction === "ASC" ? 1 : -1;
  valued.sort((a, b) => sign * (Number(a.values[column]) - Number(b.values[column])));
  return [...valued, ...rest];
}
