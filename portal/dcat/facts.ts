import type { Entity, MetricBody } from "../catalogue/entities.ts";
import type { MetricCoverage } from "../export/coverage.ts";
import type { Manifest } from "../export/manifest.ts";
import { readEntities } from "../export/read-entities.ts";
import type { Snapshot } from "../snapshot.ts";

/** Who publishes the portal, and on what terms. */
export interface PublishedBy {
  /** Where the portal answers, without a slash at the end: `https://data.example.org`. */
  readonly url: string;
  readonly title: string;
  readonly publisher: { readonly name: string; readonly url: string };
  /** URI of the licence of its data. */
  readonly licence: string;
}

/** What is known of a metric beside what it is. */
export interface MetricFacts {
  readonly metric: Entity<"metric">;
  /** Undefined where no dump has told yet. */
  readonly coverage: MetricCoverage | undefined;
  /** Day of the release that changed it last, and of the one that brought its current description. */
  readonly modified: string | undefined;
  /** The region that all its subjects lie in. */
  readonly region: Entity<"region"> | undefined;
}

/** What the latest dump tells. */
export interface DumpFacts {
  readonly manifest: Manifest;
  readonly coverage: ReadonlyMap<string, MetricCoverage>;
}

/** Gathers what a catalogue says of one metric. */
export async function factsOf(
  snapshot: Snapshot,
  metric: Entity<"metric">,
  dump: DumpFacts | undefined,
): Promise<MetricFacts> {
  const coverage = dump?.coverage.get(metric.localId);
  const [release, region] = await Promise.all([
    snapshot.entity<"release">(`release:${Math.max(metric.release, coverage?.release ?? 0)}`),
    coverage?.region ? snapshot.entity<"region">(`region:${coverage.region}`) : null,
  ]);
  return { metric, coverage, modified: release?.body.publishedOn, region: region ?? undefined };
}

/** The same of all metrics, in the order of their ids. */
export async function allFacts(snapshot: Snapshot, dump: DumpFacts | undefined): Promise<MetricFacts[]> {
  const facts: MetricFacts[] = [];
  for await (const metrics of readEntities(snapshot, "metric")) {
    facts.push(...(await Promise.all(metrics.map((metric) => factsOf(snapshot, metric as Entity<"metric">, dump)))));
  }
  return facts;
}

/** In whole sentences, also where nobody wrote a definition. */
export function describe({ unit, definition, topic }: MetricBody, coverage: MetricCoverage | undefined): string {
  const lead = definition ? `${definition.replace(/[.。]?$/, ".")} ` : "";
  const extent = coverage?.start
    ? ` ${coverage.observations} observations of ${coverage.series} series from ${coverage.start} to ${coverage.end}.`
    : "";
  return `${lead}Topic: ${topic}. Unit: ${unit}.${extent} Every value names its source; nothing is overwritten.`;
}

export function namesOf({ nameEn, nameZh }: { nameEn?: string; nameZh?: string }, id: string): Record<string, string> {
  const names = { ...(nameEn ? { en: nameEn } : {}), ...(nameZh ? { zh: nameZh } : {}) };
  return Object.keys(names).length > 0 ? names : { en: id };
}
