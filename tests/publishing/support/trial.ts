import type { PublishSummary } from "../../../portal/releases/summary.ts";
import type { RunningEngine } from "../../support/engines.ts";
import { type FaultProxy, startFaultProxy, undisturbed } from "../../support/fault-proxy.ts";
import { openPortal, type TestPortal } from "../../support/portal.ts";
import { contentOf, type ImporterOptions, importerOn, keep, type Restore } from "../../support/publishing.ts";
import { publishHistory } from "./history.ts";
import type { ReleaseKind } from "./kinds.ts";
import { answersOf, Reader } from "./reader.ts";

/** A portal that is about to see a release of a kind, again and again, and what an undisturbed publication makes of it. */
export interface Trial {
  readonly kind: ReleaseKind;
  readonly portal: TestPortal;
  readonly proxy: FaultProxy;
  /** The engine's own endpoint, past the proxy. */
  readonly engine: string;
  /** The calls of the undisturbed publication, one after the other. */
  readonly calls: readonly string[];
  /** What the tables hold after it. */
  readonly content: Readonly<Record<string, string>>;
  /** What readers are told before the release, and after it. */
  readonly before: unknown;
  readonly after: unknown;
  /** Brings the portal back to where it stood before the release. */
  reset(): Promise<void>;
  /** Publishes the release through the proxy. */
  publish(options?: ImporterOptions): Promise<PublishSummary>;
  /** A reader who may see what stood before the release or what stands after it, and nothing in between. */
  reader(): Reader;
  close(): Promise<void>;
}

/** The history that releases of all kinds build on, published once. */
export async function keepHistory(engine: RunningEngine): Promise<Restore> {
  const portal = await openPortal(engine);
  await publishHistory(portal);
  const history = await keep(portal);
  await portal.close();
  return history;
}

export async function openTrial(engine: RunningEngine, history: Restore, kind: ReleaseKind): Promise<Trial> {
  const [portal, proxy] = await Promise.all([openPortal(engine), startFaultProxy(engine.endpoint)]);
  await history(portal);
  await kind.prepare?.(portal);
  const restore = await keep(portal);
  const publish = (options: ImporterOptions = {}) =>
    kind.publish(importerOn(portal, { endpoint: proxy.endpoint, ...kind.importer, ...options }));
  const before = await answersOf(portal.ask);
  const { operations } = proxy.begin(undisturbed);
  await publish({ concurrency: 1 });
  const after = await answersOf(portal.ask);
  const content = await contentOf(portal);
  return {
    ...{ kind, portal, proxy, content, publish, before, after, engine: engine.endpoint },
    reset: () => restore(portal),
    calls: [...operations],
    reader: () => new Reader(portal.ask, before, after),
    close: async () => {
      await portal.close();
      await proxy.close();
    },
  };
}
