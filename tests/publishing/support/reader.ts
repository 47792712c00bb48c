import { isDeepStrictEqual } from "node:util";
import type { Ask } from "../../support/portal.ts";

/** One operation, so one snapshot: something of every kind of answer that a release can change. */
const QUESTIONS = `{
  release { number title counts { claims entities changes } }
  regions(first: 100) { totalCount nodes { id name { text } status parent { id } counts { regions agencies platforms industrialComplexes } } }
  historical: regions(filter: { status: HISTORICAL }) { totalCount nodes { id replacedBy { id } } }
  north: region(code: "90") { children { totalCount nodes { id } } platforms { totalCount nodes { id } } }
  south: region(code: "91") { children { totalCount nodes { id } } platforms { totalCount nodes { id } } }
  harbour: region(code: "900101") { ancestors { id } series(metric: "data-volume") { ...Facts } }
  port: region(code: "9001") { profile { nodes { ...Facts } } }
  agencies { totalCount nodes { id level region { id } } }
  platforms(orderBy: { field: NAME }) { totalCount nodes { id kind name { text } region { id } operator { id } } }
  clouds: platforms(filter: { kind: CLOUD }) { totalCount nodes { id } }
  industrialComplexes { totalCount nodes { id kind region { id } } }
  metrics { totalCount nodes { id } }
  sources(orderBy: { field: NAME }) { totalCount nodes { id title language } }
  belowNorth: panel(metric: "data-volume", of: { childrenOf: "90" }) { ...Table }
  belowSouth: panel(metric: "data-volume", of: { childrenOf: "91" }) { ...Table }
  countiesOfNorth: panel(metric: "data-volume", of: { regions: { within: "90", level: COUNTY } }) { ...Table }
  platformsOfSouth: panel(metric: "data-volume", of: { subjects: { kind: PLATFORM, within: "91" } }) { ...Table }
  changes(first: 100) { nodes { sequence action nodeId release { number } observations { timePeriod action new { value } } } }
}
fragment Facts on Series { id observations { timePeriod value source { id } release { number } revisions { value } } notices { code values } }
fragment Table on Panel { timePeriods rowCount rows { subject { id } values } }`;

/** What a reader is told. */
export async function answersOf(ask: Ask): Promise<unknown> {
  const { data, errors } = await ask(QUESTIONS);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("; "));
  return data;
}

/** The same without its past: nothing of releases, revisions and changes. */
export async function presentOf(ask: Ask): Promise<unknown> {
  return JSON.parse(JSON.stringify(await answersOf(ask)), (name, value: unknown) =>
    ["release", "releases", "revisions", "changes"].includes(name) ? undefined : value,
  );
}

/** A reader who knows the only answers that may be given, and counts how often each was. */
export class Reader {
  readonly #ask: Ask;
  readonly #allowed: readonly unknown[];
  readonly seen: number[];
  /** The first answer that should not have been given. */
  wrong: unknown;

  constructor(ask: Ask, ...allowed: readonly unknown[]) {
    this.#ask = ask;
    this.#allowed = allowed;
    this.seen = allowed.map(() => 0);
  }

  async look(): Promise<void> {
    const answers = await answersOf(this.#ask);
    const which = this.#allowed.findIndex((allowed) => isDeepStrictEqual(allowed, answers));
    if (which >= 0) this.seen[which] = (this.seen[which] ?? 0) + 1;
    else this.wrong ??= answers;
  }

  /** Looks again and again until told to stop. */
  watch(): () => Promise<void> {
    let stopped = false;
    const watching = (async () => {
      while (!stopped) await this.look();
    })();
    return () => {
      stopped = true;
      return watching;
    };
  }
}
