import type { Context } from "aws-lambda";
import { PortalError } from "../../portal/errors.ts";
import { type DumpResult, dumpRelease } from "../../portal/export/dump.ts";
import type { DumpStore } from "../../portal/export/dump-store.ts";
import type { DumpedTable } from "../../portal/export/manifest.ts";
import { readHead } from "../../portal/releases/head.ts";
import { Snapshot } from "../../portal/snapshot.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import { Meter } from "../../portal/store/meter.ts";
import type { Store } from "../../portal/store/store.ts";

export interface ExporterOptions {
  readonly store: Store;
  readonly dumps: DumpStore;
  /** Takes one line of JSON per table and per dump. */
  readonly log: (line: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export type ExporterOutcome =
  /** The dump of HEAD is the latest one: written by now, or before. */
  | { readonly status: "WRITTEN" | "CURRENT"; readonly release: number }
  /** Nothing was ever published. */
  | { readonly status: "NOTHING" }
  /** Time ran short; the next invocation goes on behind the tables that are finished. */
  | { readonly status: "PAUSED"; readonly release: number };

export type ExporterHandler = (event: unknown, context: Context) => Promise<ExporterOutcome>;

/** Kept back of an invocation's time: to let uploads end, and to say so. */
const RESERVE_MS = 20_000;

/**
 * The exporter with everything that it depends on passed in. It does not matter who calls it, with what event, or how
 * often: each time it looks whether HEAD has its dump. One that fails leaves the latest dump as it was.
 *
 * @throws whatever keeps it from writing; the next invocation tries again.
 */
export function exporterFunction({ store, dumps, log, now }: ExporterOptions): ExporterHandler {
  return async (_event, context) => {
    const began = now();
    const say = (fields: object) => log(JSON.stringify({ level: "INFO", ...fields, requestId: context.awsRequestId }));
    const remainingMs = () => context.getRemainingTimeInMillis() - RESERVE_MS;
    const scope: CallScope = { meter: new Meter(), signal: AbortSignal.timeout(Math.max(remainingMs(), 0)) };
    const head = await readHead(store, scope, true);
    const onTables = (tables: readonly DumpedTable[], how: string) => {
      for (const { name, rows, files } of tables) {
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        say({ message: `table ${how}`, release: head.release, table: name, rows, bytes });
      }
    };
    const between = () => {
      if (remainingMs() <= 0) throw new DumpPausedError();
    };
    try {
      const result = await dumpRelease(new Snapshot(store, head, scope), { store: dumps, between, onTables });
      const outcome = outcomeOf(result);
      const { readUnits, calls } = scope.meter;
      say({ message: "exported", ...outcome, seconds: (now() - began) / 1000, readUnits, calls });
      return outcome;
    } catch (error) {
      // Whichever notices first that time is up.
      if (error instanceof DumpPausedError || (isLate(error) && remainingMs() <= 0)) {
        say({ message: "paused: the time of one invocation did not suffice", release: head.release });
        return { status: "PAUSED", release: head.release };
      }
      throw error;
    }
  };
}

class DumpPausedError extends Error {
  override readonly name = "DumpPausedError";
}

function isLate(error: unknown): boolean {
  return error instanceof PortalError && error.code === "UNAVAILABLE";
}

function outcomeOf({ manifest, written }: DumpResult): ExporterOutcome {
  if (!manifest) return { status: "NOTHING" };
  return { status: written ? "WRITTEN" : "CURRENT", release: manifest.release };
}
