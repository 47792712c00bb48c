import type { Frequency, ObservationStatus, PanelQuery } from "./generated/operations.ts";

/** One metric for many subjects, as a flat table: what chart libraries take. */
export interface PanelTable {
  readonly metric: { readonly id: string; readonly name: string };
  readonly unit: string;
  readonly frequency: Frequency;
  readonly release: number;
  readonly timePeriods: readonly string[];
  /** Subject by subject, each in the order of `timePeriods`. */
  readonly rows: readonly PanelPoint[];
}

export interface PanelPoint {
  /** Global id, `region:52`. */
  readonly subject: string;
  readonly name: string;
  readonly timePeriod: string;
  /** To draw: the nearest double; null where there is no value. */
  readonly value: number | null;
  /** To show and to calculate with: every digit that was stated. */
  readonly exact: string | null;
  /** Null where nothing was observed; with a status and no value the status says why. */
  readonly status: ObservationStatus | null;
}

export function panelTable({ metric, rows, timePeriods, unit, frequency, release }: Panel): PanelTable {
  return {
    metric: { id: metric.id, name: metric.name.text },
    ...{ unit, frequency, release: release.number, timePeriods },
    rows: rows.flatMap(({ subject, values, statuses }) =>
      timePeriods.map((timePeriod, i): PanelPoint => {
        const exact = values[i] ?? null;
        const value = exact === null ? null : Number(exact);
        return { subject: subject.id, name: subject.name.text, timePeriod, value, exact, status: statuses[i] ?? null };
      }),
    ),
  };
}

type Panel = NonNullable<PanelQuery["panel"]>;
