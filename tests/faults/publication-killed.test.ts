import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImporterChild, startImporter } from "../publishing/support/importer-child.ts";
import {
  deletions,
  entitiesOnly,
  newClaims,
  otherKeys,
  regionMoved,
  rival,
  spilling,
} from "../publishing/support/kinds.ts";
import { answersOf } from "../publishing/support/reader.ts";
import { stateOf } from "../publishing/support/state.ts";
import { keepHistory, openTrial, type Trial } from "../publishing/support/trial.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { type Plan, randomOf, undisturbed } from "../support/fault-proxy.ts";
import { contentOf, EARLY, importerOn, LATER, type Restore } from "../support/publishing.ts";

const FULL = process.env.FAULTS === "full";
const KILLS = FULL ? 60 : 3;
const TIMEOUT = FULL ? 3_600_000 : 120_000;
/** So long that a call may take a second, a quarter of it, on a machine that is busy. */
const LEASE_MS = 4_000;

let killed = 0;

describe("an importer in a process of its own", () => {
  let engine: RunningEngine;
  let history: Restore;
  let tempDir: string;
  beforeAll(async () => {
    const [embedded] = engines;
    if (!embedded) throw new Error("there is no engine");
    engine = await embedded.start();
    history = await keepHistory(engine);
    // What a process leaves on disk when it is killed.
    tempDir = await mkdtemp(join(tmpdir(), "gazetteer-killed-"));
  });
  afterAll(async () => {
    // Where a test failed, one may still be frozen or waiting.
    for (const child of children) child.kill("SIGKILL");
    await engine.stop();
    await rm(tempDir, { recursive: true, force: true });
  });

  const children: ImporterChild[] = [];
  const start = ({ portal, proxy, kind }: Trial, options: { leaseMs?: number; clock?: number }): ImporterChild => {
    const errand = { endpoint: proxy.endpoint, tables: portal.tables, kind: kind.name, tempDir, ...options };
    const child = startImporter(errand);
    children.push(child);
    return child;
  };

  test.for([regionMoved, otherKeys, deletions, spilling])(
    "killed while it publishes $name leaves work that another finishes",
    { timeout: TIMEOUT },
    async (kind) => {
      const trial = await openTrial(engine, history, kind);
      const random = randomOf(kind.name.length);
      let next = start(trial, { clock: EARLY });
      for (let i = 0; i < KILLS; i += 1) {
        const child = next;
        await child.ready;
        // Loading takes most of a child's time: the next one does it meanwhile.
        if (i + 1 < KILLS) next = start(trial, { clock: EARLY });
        await trial.reset();
        const k = 1 + Math.floor(random() * trial.calls.length);
        const moment = (["before", "behind", "whenever"] as const)[i % 3] ?? "before";
        trial.proxy.begin(killing(child, k, moment));
        child.go();
        if (moment === "whenever") sleep(random() * 150).then(() => child.kill("SIGKILL"));
        const outcome = await child.outcome;
        if (outcome === undefined) killed += 1;

        const where = `killed ${moment} call ${k} of ${trial.calls.length}`;
        const reader = trial.reader();
        await reader.look();
        expect(reader.wrong, `${where}: what is seen after it`).toBeUndefined();
        await trial.publish({ now: () => LATER, endpoint: trial.engine });
        expect(await contentOf(trial.portal), where).toEqual(trial.content);
      }
      await trial.close();
    },
  );

  test.concurrent.for([entitiesOnly, newClaims, regionMoved])(
    "frozen while it publishes $name and waking up after another has taken over changes nothing",
    { timeout: TIMEOUT },
    async (kind) => {
      const trial = await openTrial(engine, history, kind);
      await trial.reset();
      const child = start(trial, { leaseMs: LEASE_MS });
      await child.ready;
      const frozen = Promise.withResolvers<void>();
      trial.proxy.begin(({ number }) => {
        if (number !== Math.ceil(trial.calls.length / 2)) return undefined;
        child.kill("SIGSTOP");
        frozen.resolve();
        return undefined;
      });
      child.go();
      await frozen.promise;
      trial.proxy.begin(undisturbed);
      await sleep(LEASE_MS);
      const summary = await rival.publish(importerOn(trial.portal, { now: Date.now }));
      expect(summary).toMatchObject({ published: true, release: 5 });
      const [answers, state] = [await answersOf(trial.portal.ask), await stateOf(trial.portal)];
      child.kill("SIGCONT");
      expect(await child.outcome).toEqual({ code: expect.stringMatching(/^(RELEASE_IN_PROGRESS|UNAVAILABLE)$/) });
      // A call that was on its way already may have left something that nobody will ever see.
      expect(await answersOf(trial.portal.ask)).toEqual(answers);
      expect(await stateOf(trial.portal)).toEqual(state);
      await trial.close();
    },
  );

  test("so many were killed", () => {
    console.log(`${killed} importers killed; each time another one finished the release`);
    expect(killed).toBeGreaterThanOrEqual(8);
  });
});

/** Kills the child before or behind its k-th call; that call itself gets through if it is behind it. */
function killing(child: ImporterChild, k: number, moment: "before" | "behind" | "whenever"): Plan {
  return ({ number }) => {
    if (moment === "whenever" || number < k) return undefined;
    if (number === k) child.kill("SIGKILL");
    return moment === "behind" && number === k ? "cut" : "refuse";
  };
}
