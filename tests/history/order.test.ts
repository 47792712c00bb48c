import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { histories, holdsForHistories, type MadeRelease, publishHistory } from "../support/histories.ts";
import { openPortal } from "../support/portal.ts";
import { askRecorded } from "../support/recorded-queries.ts";
import type { MadeFiles, MadeRow } from "../support/releases.ts";

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  beforeAll(async () => {
    running = await engine.start();
  });
  afterAll(() => running.stop());

  test("the order of rows in the files of a release changes no answer", { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(histories, fc.infiniteStream(fc.nat()), async (history, numbers) => {
      const answers: unknown[] = [];
      for (const told of [history, history.map((release) => reordered(release, numbers))]) {
        const portal = await openPortal(running);
        await publishHistory(portal, told);
        answers.push(timeless(await askRecorded(portal.ask, null)));
        await portal.close();
      }
      expect(answers[1]).toEqual(answers[0]);
    });
    await holdsForHistories(property);
  });
});

/** The same rows and columns in another order. */
function reordered(release: MadeRelease, numbers: Iterator<number>): MadeRelease {
  const files = Object.entries(release.files as Record<string, readonly MadeRow[]>).map(([name, rows]) => [
    name,
    shuffled(rows, numbers).map((row) => Object.fromEntries(shuffled(Object.entries(row), numbers))),
  ]);
  return { ...release, files: Object.fromEntries(files) as MadeFiles };
}

function shuffled<T>(values: readonly T[], numbers: Iterator<number>): T[] {
  const keyed = values.map((value) => ({ value, key: numbers.next().value as number }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

/** Without the instants of commits, in which two portals differ. */
function timeless(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (name, value) => (name === "committedAt" ? undefined : value)));
}
