import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Engine, engines, type RunningEngine } from "../../support/engines.ts";
import { openPortal, type TestPortal } from "../../support/portal.ts";
import type { Restore } from "../../support/publishing.ts";
import { keepHistory } from "./trial.ts";

/** The engine for tests that need but one. */
export const [embedded] = engines as readonly [Engine, ...Engine[]];

/** Hooks for a portal that stands at the end of the history before every test; ask for it inside of tests only. */
export function portalWithHistory({ start }: Engine): (() => TestPortal) & { reset(): Promise<void> } {
  let engine: RunningEngine;
  let portal: TestPortal;
  let history: Restore;
  beforeAll(async () => {
    engine = await start();
    history = await keepHistory(engine);
    portal = await openPortal(engine);
  });
  beforeEach(() => history(portal));
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });
  return Object.assign(() => portal, { reset: () => history(portal) });
}
