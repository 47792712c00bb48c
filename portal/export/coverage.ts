import { pathCodes } from "../catalogue/entities.ts";
import { splitEntityId } from "../identifiers.ts";
import type { SeriesRecord } from "../series/items.ts";
import { headlines, type Vintage } from "../series/resolution.ts";
import { endDay, FREQUENCIES, type Frequency, startDay } from "../series/time-period.ts";

/** What the observations of a metric cover, targets apart: what a catalogue says of it. */
export interface MetricCoverage {
  readonly metric: string;
  readonly series: number;
  readonly observations: number;
  /** First and last day of its time periods; null without observations. */
  readonly start: string | null;
  readonly end: string | null;
  /** Coarsest first. */
  readonly frequencies: readonly Frequency[];
  readonly subjectTypes: readonly string[];
  /** Code of the smallest region in which all subjects lie; null where they lie in none. */
  readonly region: string | null;
  /** The ids of the sources of its headlines, in order: the first 100 of them. */
  readonly sources: readonly string[];
  /** The newest release that stated one of its headlines. */
  readonly release: number;
}

const MAX_SOURCES = 100;

/** Gathers the coverage of one metric, series by series. */
export class CoverageGatherer {
  readonly #metric: string;
  readonly #vintage: Vintage;
  readonly #frequencies = new Set<Frequency>();
  readonly #types = new Set<string>();
  readonly #sources = new Set<string>();
  #series = 0;
  #observations = 0;
  #start = Number.POSITIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;
  #codes: readonly string[] | undefined;
  #release = 0;

  constructor(metric: string, vintage: Vintage) {
    this.#metric = metric;
    this.#vintage = vintage;
  }

  add({ key, claims }: SeriesRecord, path: string): void {
    const observed = headlines(claims, this.#vintage);
    const [first, last] = [observed[0], observed.at(-1)];
    if (!first || !last) return;
    const { frequency, subject } = key;
    this.#series += 1;
    this.#observations += observed.length;
    this.#frequencies.add(frequency);
    this.#types.add(splitEntityId(subject).type);
    this.#start = Math.min(this.#start, startDay({ frequency, index: first.period }));
    this.#end = Math.max(this.#end, endDay({ frequency, index: last.period }));
    if (path !== "") this.#codes = commonStart(this.#codes, pathCodes(path));
    for (const { source, release } of observed) {
      this.#sources.add(source);
      this.#release = Math.max(this.#release, release);
    }
  }

  finish(): MetricCoverage {
    return {
      metric: this.#metric,
      series: this.#series,
      observations: this.#observations,
      start: isoDate(this.#start),
      end: isoDate(this.#end),
      frequencies: FREQUENCIES.filter((frequency) => this.#frequencies.has(frequency)),
      subjectTypes: [...this.#types].sort(),
      region: this.#codes?.at(-1) ?? null,
      sources: [...this.#sources].sort().slice(0, MAX_SOURCES),
      release: this.#release,
    };
  }
}

function commonStart(known: readonly string[] | undefined, codes: readonly string[]): readonly string[] {
  if (known === undefined) return codes;
  const end = known.findIndex((code, i) => code !== codes[i]);
  return end === -1 ? known : known.slice(0, end);
}

function isoDate(day: number): string | null {
  return Number.isFinite(day) ? new Date(day * 86_400_000).toISOString().slice(0, 10) : null;
}
