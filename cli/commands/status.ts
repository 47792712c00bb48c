import { countOf } from "../../portal/catalogue/counts.ts";
import { Portal } from "../../portal/portal.ts";
import type { Head, Lease } from "../../portal/releases/head.ts";
import { callScope } from "../../portal/store/calls.ts";
import { clock, count } from "../output/progress.ts";
import { twoColumns } from "../output/table.ts";
import type { Result, Session } from "./session.ts";

const TYPES = {
  region: "regions",
  agency: "agencies",
  platform: "platforms",
  complex: "industrial complexes",
} as const;
const OTHER_TYPES = { metric: "metrics", source: "sources" } as const;

/** What HEAD is, how much it holds, and who is at work on the next release. */
export async function status({ target }: Session): Promise<Result> {
  const portal = new Portal({ store: target.store, headMaxAgeMs: 0 });
  const snapshot = await portal.snapshot(callScope());
  const { head } = snapshot;
  const kept = (await snapshot.counts("all")) ?? {};
  const types = Object.keys({ ...TYPES, ...OTHER_TYPES }) as (keyof typeof TYPES | keyof typeof OTHER_TYPES)[];
  const counts = Object.fromEntries(types.map((type) => [type, countOf(kept, type)]));
  const work = workOf(head.lease, Date.now());
  const lines: [string, string][] = Object.entries({ ...TYPES, ...OTHER_TYPES }).map(([type, label]) => [
    label,
    count(counts[type] ?? 0),
  ]);
  return {
    json: { head: headJson(head), counts, publication: work.json },
    text: [...headLines(head), "", twoColumns(lines), "", work.text].join("\n"),
  };
}

function headJson({ release, changes, knownOn, committedAt }: Head) {
  return { release, changes, knownOn: knownOn || null, committedAt: committedAt || null };
}

function headLines({ release, knownOn, committedAt, changes }: Head): string[] {
  if (release === 0) return ["Nothing has been published yet."];
  return [`HEAD is release ${release} of ${knownOn}, committed at ${committedAt}; ${count(changes)} changes so far.`];
}

function workOf(lease: Lease | undefined, now: number): { json: object | null; text: string } {
  if (!lease) return { json: null, text: "No publication is under way." };
  const { release, owner, expiresAt } = lease;
  const left = expiresAt - now;
  const state = left > 0 ? "RUNNING" : "INTERRUPTED";
  const text =
    left > 0
      ? `Release ${release} is being published by ${owner}; if that has died, its place is free in ${clock(left)}.`
      : `Release ${release} was begun by ${owner} and not finished; publishing the same files again goes on with it.`;
  return {
    json: { state, release, owner, leaseUntil: expiresAt > 0 ? new Date(expiresAt).toISOString() : null },
    text,
  };
}
