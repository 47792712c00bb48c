import { deflateRawSync, inflateRawSync } from "node:zlib";
import { type Versions, versionAt, withVersion } from "../catalogue/versions.ts";
import type { Notice, NoticeCode } from "./notices.ts";
import { isVisible, type Vintage } from "./resolution.ts";

/** A notice and the release that brought it about. */
export interface DatedNotice extends Notice {
  readonly release: number;
}

/** What a series is noticed for in a vintage: the latest notices, and how many there are with those not kept. */
export interface StandingNotices {
  readonly notices: readonly DatedNotice[];
  readonly total: number;
}

/**
 * Notices lie in the item of their series, beside a body of up to 300,000 bytes, and must never be what it cannot hold.
 * So a vintage keeps those of the latest periods, and when the history passes its bounds the notices that ended first go.
 */
export const MAX_NOTICES = 100;
const MAX_BYTES = 64_000;
const MAX_TOTALS = 200;

/** A notice stands from one release on, until another ends it. */
type Entry = readonly [
  code: NoticeCode,
  period: number,
  message: string,
  values: readonly string[],
  since: number,
  until?: number,
];

interface History {
  readonly entries: readonly Entry[];
  /** How many there were, from the first release on in which there were more than are kept. */
  readonly totals: Versions<number>;
}

/** The notices of a series in a vintage, from the history that its item carries. */
export function noticesAt(stored: Uint8Array | undefined, vintage: Vintage): StandingNotices {
  const { entries, totals } = historyOf(stored);
  const notices = entries
    .filter((entry) => stands(entry, vintage))
    .map(([code, period, message, values, release]) => ({ code, period, message, values, release }))
    .sort((a, b) => a.period - b.period || (a.code < b.code ? -1 : Number(a.code > b.code)));
  return { notices, total: versionAt(totals, vintage)?.body ?? notices.length };
}

/**
 * The history with the notices of a release on top; undefined when they are those that stood before. A notice that
 * stood before keeps its release. What was staged and never committed is dropped.
 * @param notices all of the series, by period.
 */
export function withNotices(
  stored: Uint8Array | undefined,
  base: Vintage,
  release: number,
  notices: readonly Notice[],
): Uint8Array | undefined {
  const { entries, totals } = historyOf(stored);
  const committed = entries.flatMap(([code, period, message, values, since, until]): Entry[] => {
    if (!isVisible(since, base)) return [];
    const ended = until !== undefined && isVisible(until, base);
    return [ended ? [code, period, message, values, since, until] : [code, period, message, values, since]];
  });
  const left = new Map(notices.slice(-MAX_NOTICES).map((notice) => [nameOf(notice), notice]));
  const after = committed.map((entry): Entry => {
    if (entry[UNTIL] !== undefined) return entry;
    const [code, period, message, values, since] = entry;
    return left.delete(nameOf({ code, period, values })) ? entry : [code, period, message, values, since, release];
  });
  for (const { code, period, message, values } of left.values()) after.push([code, period, message, values, release]);
  const known = versionAt(totals, base)?.body ?? undefined;
  const counted = notices.length > MAX_NOTICES || known !== undefined;
  const counts =
    counted && known !== notices.length ? withVersion(totals, base, { release, body: notices.length }) : totals;
  const same =
    counts === totals && after.length === entries.length && after.every((each, i) => isSame(each, entries[i]));
  return same ? undefined : encodeWithin({ entries: after, totals: counts.slice(0, MAX_TOTALS) });
}

/** One history of those that the copies of a series carry: what a release said is the same in each that has it. */
export function mergeHistories(copies: readonly Uint8Array[]): Uint8Array | undefined {
  const [first, ...rest] = copies;
  if (first === undefined || rest.every((copy) => Buffer.compare(copy, first) === 0)) return first;
  const histories = copies.map(historyOf);
  const entries = new Map<string, Entry>();
  for (const entry of histories.flatMap((history) => history.entries)) {
    const [code, period, message, values, since, until] = entry;
    const name = `${nameOf({ code, period, values })} ${since}`;
    const ended = Math.max(entries.get(name)?.[UNTIL] ?? 0, until ?? 0);
    entries.set(name, ended === 0 ? entry : [code, period, message, values, since, ended]);
  }
  const totals = new Map(histories.flatMap((history) => history.totals.map((each) => [each.release, each])));
  return encode({
    entries: [...entries.values()],
    totals: [...totals.values()].sort((a, b) => b.release - a.release),
  });
}

const UNTIL = 5;

function stands([, , , , since, until]: Entry, vintage: Vintage): boolean {
  return isVisible(since, vintage) && (until === undefined || !isVisible(until, vintage));
}

function nameOf({ code, period, values }: Pick<Notice, "code" | "period" | "values">): string {
  return `${code} ${period} ${values.join()}`;
}

function isSame(a: Entry, b: Entry | undefined): boolean {
  return b !== undefined && nameOf(asNotice(a)) === nameOf(asNotice(b)) && a[4] === b[4] && a[UNTIL] === b[UNTIL];
}

function asNotice([code, period, , values]: Entry): Pick<Notice, "code" | "period" | "values"> {
  return { code, period, values };
}

/** What ended first is left out until the rest fits. */
function encodeWithin(history: History): Uint8Array {
  let { entries } = history;
  for (;;) {
    const bytes = encode({ ...history, entries });
    const ended = entries.flatMap(({ [UNTIL]: until }) => until ?? []).sort((a, b) => a - b);
    const half = ended[ended.length >> 1];
    if (bytes.length <= MAX_BYTES || half === undefined) return bytes;
    entries = entries.filter(({ [UNTIL]: until }) => until === undefined || until > half);
  }
}

function encode({ entries, totals }: History): Uint8Array {
  return deflateRawSync(JSON.stringify([entries, totals.map(({ release, body }) => [release, body])]));
}

function historyOf(stored: Uint8Array | undefined): History {
  if (stored === undefined) return { entries: [], totals: [] };
  const [entries, totals] = JSON.parse(inflateRawSync(stored).toString()) as [Entry[], [number, number][]];
  return { entries, totals: totals.map(([release, body]) => ({ release, body })) };
}
