import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KINDS, regionMoved, splitSeries } from "../publishing/support/kinds.ts";
import { Reader } from "../publishing/support/reader.ts";
import { keepHistory, openTrial, type Trial } from "../publishing/support/trial.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { fromCall, type Plan } from "../support/fault-proxy.ts";
import { functionOn } from "../support/portal.ts";
import { LATER, type Restore } from "../support/publishing.ts";

/** A look before every write instead of every eighth. */
const FULL = process.env.FAULTS === "full";
const EVERY = FULL ? 1 : 8;
const TIMEOUT = FULL ? 3_600_000 : 120_000;

describe.each(engines)("readers on $name", ({ name, start }) => {
  const kinds = name === "dynalite" || FULL ? [...KINDS, splitSeries] : [regionMoved];
  let engine: RunningEngine;
  let history: Restore;
  beforeAll(async () => {
    engine = await start();
    history = await keepHistory(engine);
  });
  afterAll(() => engine.stop());

  describe.each(kinds)("of $name", (kind) => {
    let trial: Trial;
    beforeAll(async () => {
      trial = await openTrial(engine, history, kind);
    });
    afterAll(() => trial.close());

    test("see all of it or nothing, whenever they look", { timeout: TIMEOUT }, async () => {
      await trial.reset();
      const [reader, late] = [trial.reader(), await lateReader(trial)];
      trial.proxy.begin(beforeWrites(() => reader.look()));
      await trial.publish();
      await reader.look();
      expect(reader.wrong).toBeUndefined();
      expect(reader.seen).toEqual([expect.toSatisfy((times: number) => times > 0), 1]);
      await late.look();
      expect(late.wrong, "what is seen by those who have not noticed it yet").toBeUndefined();
      expect(late.seen).toEqual([1, 0]);
    });

    test("see all of it or nothing while it is taken up where another importer died", {
      timeout: TIMEOUT,
    }, async () => {
      await trial.reset();
      const [reader, late] = [trial.reader(), await lateReader(trial)];
      trial.proxy.begin(fromCall(Math.ceil(trial.calls.length * 0.8), "refuse"));
      await expect(trial.publish({ attempts: 1, concurrency: 1 })).rejects.toThrow();
      trial.proxy.begin(beforeWrites(() => reader.look()));
      await trial.publish({ now: () => LATER });
      await reader.look();
      expect(reader.wrong).toBeUndefined();
      await late.look();
      expect(late.wrong, "what is seen by those who have not noticed it yet").toBeUndefined();
    });
  });
});

function beforeWrites(look: () => Promise<void>): Plan {
  let writes = 0;
  return async ({ operation }) => {
    if (!["PutItem", "BatchWriteItem", "DeleteItem"].includes(operation)) return undefined;
    writes += 1;
    if (writes % EVERY === 1 % EVERY) await look();
    return undefined;
  };
}

/** A reader who asked for HEAD before the release and goes by that, and so may only see what stood then. */
async function lateReader(trial: Trial): Promise<Reader> {
  const { client, tables } = trial.portal;
  const ask = functionOn({ client: client(), tables, headMaxAgeMs: Number.POSITIVE_INFINITY });
  const reader = new Reader(ask, trial.before, trial.after);
  await reader.look();
  reader.seen.fill(0);
  return reader;
}
