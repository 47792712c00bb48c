import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { publishAll } from "../../local/publish.ts";
import { engines } from "./engines.ts";
import { type Facts, factsOf } from "./facts.ts";
import { openPortal, type TestPortal } from "./portal.ts";
import type { MadeFiles, MadeRow } from "./releases.ts";

/** The releases that ship with the project, read by other code than the portal's: what its answers are held against. */

export const RELEASES = join(import.meta.dirname, "../../data/releases");

export interface CuratedRelease {
  readonly number: number;
  readonly title: string;
  readonly publishedOn: string;
  readonly files: MadeFiles;
}

export interface CuratedClaim {
  readonly series: string;
  readonly frequency: string;
  readonly row: MadeRow;
  /** SDMX code. */
  readonly status: string;
  readonly release: number;
}

export const releases: readonly CuratedRelease[] = readdirSync(RELEASES)
  .sort()
  .map((folder, i) => {
    const names = readdirSync(join(RELEASES, folder)).filter((name) => name.endsWith(".csv"));
    const files = names.map((name) => [name, rowsOf(join(RELEASES, folder, name))]);
    const manifest = JSON.parse(readFileSync(join(RELEASES, folder, "release.json"), "utf8"));
    return { ...manifest, number: i + 1, files: Object.fromEntries(files) };
  });

export const facts: Facts = factsOf(...releases.map(({ files }) => files));

export const claims: readonly CuratedClaim[] = releases.flatMap(({ number, files }) =>
  ((files["observations.csv"] ?? []) as MadeRow[]).map((row) => {
    const frequency = frequencyOf(row.time_period ?? "");
    const subject = `${row.subject_type?.toLowerCase()}:${row.subject_id}`;
    const series = `series:${row.metric_id}/${subject}/${frequency}`;
    return { series, frequency, row, status: statusOf(row.obs_status ?? ""), release: number };
  }),
);

/** The claims of each series, by its id. */
export const claimsBySeries: ReadonlyMap<string, readonly CuratedClaim[]> = Map.groupBy(claims, ({ series }) => series);

/** A portal that holds the releases of the project, on the embedded engine. Takes some seconds. */
export async function openCuratedPortal(): Promise<TestPortal> {
  const dynalite = engines.find(({ name }) => name === "dynalite");
  if (!dynalite) throw new Error("the embedded engine is always there");
  const engine = await dynalite.start();
  const portal = await openPortal(engine);
  await publishAll(portal.importer(), RELEASES);
  return {
    ...portal,
    close: async () => {
      await portal.close();
      await engine.stop();
    },
  };
}

/** A claim as the API words it. */
export function answerOf({ row, status, release }: CuratedClaim) {
  return {
    value: row.value || null,
    valueAsFloat: row.value ? Number(row.value) : null,
    status,
    source: { id: `source:${row.source_id}` },
    release: { number: release },
    note: row.note || null,
  };
}

/** Best first: status, then the newer publication, then the newer release, then the source's id. */
export function compareClaims(a: CuratedClaim, b: CuratedClaim): number {
  const rank = ({ status }: CuratedClaim) => "APEFT".indexOf(status);
  const newer = (b.row.published_on ?? "").localeCompare(a.row.published_on ?? "");
  const bySource = (a.row.source_id ?? "") < (b.row.source_id ?? "") ? -1 : 1;
  return rank(a) - rank(b) || newer || b.release - a.release || bySource;
}

function rowsOf(path: string): MadeRow[] {
  return parse(readFileSync(path), { columns: true, bom: true });
}

function statusOf(word: string): string {
  const codes = { ACTUAL: "A", PRELIMINARY: "P", ESTIMATE: "E", FORECAST: "F", TARGET: "T", "": "A" };
  return codes[word as keyof typeof codes];
}

function frequencyOf(period: string): string {
  return { 4: "A", 7: /-[SQ]/.test(period) ? (period[5] ?? "") : "M", 8: "W", 10: "D" }[period.length] ?? "";
}
