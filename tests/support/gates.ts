import type { Intercept, StoreCall } from "./portal.ts";

const WRITES = new Set(["PutItemCommand", "BatchWriteItemCommand", "UpdateItemCommand", "DeleteItemCommand"]);

/** Whether a call writes. */
export function isWrite({ command }: StoreCall): boolean {
  return WRITES.has(command);
}

/** Whether a call is the one write that makes `release` HEAD. */
export function isCommitOf(release: number, { command, input }: StoreCall): boolean {
  const item = input.Item as Record<string, { S?: string; N?: string }> | undefined;
  return command === "PutItemCommand" && item?.id?.S === "head" && item.release?.N === String(release);
}

/** Holds back the commit of a release until it is told to go. */
export interface Gate {
  readonly intercept: Intercept;
  /** Resolves once the commit is about to be written. */
  readonly reached: Promise<void>;
  open(): void;
}

export function gateBeforeCommitOf(release: number): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const intercept: Intercept = async (call, send) => {
    if (isCommitOf(release, call)) {
      reached.resolve();
      await opened.promise;
    }
    return send();
  };
  return { intercept, reached: reached.promise, open: opened.resolve };
}

/** Thrown in place of an answer when an importer is cut off. */
export class CutOff extends Error {
  override readonly name = "CutOff";
}

/**
 * The importer dies at its k-th write, counted from 1: from then on nothing reaches the engine any more. With
 * `after` the fatal write itself still goes through and only its answer is lost.
 */
export function dyingAtWrite(k: number, { after = false } = {}): { intercept: Intercept; writes: () => number } {
  let writes = 0;
  const intercept: Intercept = async (call, send) => {
    if (isWrite(call)) {
      writes += 1;
      if (after && writes === k) await send();
    }
    if (writes >= k) throw new CutOff("cut off");
    return send();
  };
  return { intercept, writes: () => writes };
}
