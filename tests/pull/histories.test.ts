import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MirrorFolder } from "../../cli/mirror/folder.ts";
import { PortalApi } from "../../cli/mirror/portal-api.ts";
import { sync } from "../../cli/mirror/sync.ts";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { type ServedPortal, servePortal } from "../client/served-portal.ts";
import { longHistory, publishHistory } from "../support/histories.ts";
import { canonicalDump, differing } from "./support/canonical.ts";
import { killedPull } from "./support/killed-pull.ts";

const RELEASES = 50;
const SEED = Number(process.env.SEED ?? 20_141_122);

let served: ServedPortal;
let folder: string;
beforeAll(async () => {
  served = await servePortal();
  folder = await mkdtemp(join(tmpdir(), "gazetteer-mirrors-"));
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

const mirror = (format: string) => join(folder, format);
const pull = (format: DumpFormatName, name: string = format) =>
  sync({ api: new PortalApi({ url: served.url }), path: mirror(name), format, onStep: () => undefined });

test(`mirrors kept through ${RELEASES} releases, with kills in between, are the portal byte for byte`, async () => {
  const outcomes: boolean[] = [];
  const seen = new Set<number>();
  // Some releases of a history change nothing and are none.
  const history = longHistory(RELEASES + 15, 6, SEED);
  let compared = 0;
  await publishHistory(served.portal, history, async ({ number }) => {
    if (number > RELEASES) return;
    // Pulls that take in one release, two, or seven and more at once; some are killed.
    if (number % 5 === 3) {
      const before = (await new MirrorFolder(mirror("csv")).open())?.release;
      // A step further each time: through the feed, the writing and the moving in.
      outcomes.push(await killedPull(served.url, mirror("csv"), "csv", 3 + outcomes.length * 5));
      const killed = new MirrorFolder(mirror("csv"));
      await killed.recover();
      const left = (await killed.open())?.release;
      expect([before, number], "after a kill").toContain(left);
      seen.add(left === before ? 0 : 1);
    }
    if (number % 3 !== 1) await pull("csv");
    if (number % 7 === 0) await pull("ndjson");
    if (number % 11 === 0) await pull("parquet");
    if (number % 10 !== 0) return;
    const formats = ["csv", "ndjson", "parquet"] as const;
    const dumps = await canonicalDump(served.portal, formats);
    for (const format of formats) {
      const { manifest } = await pull(format);
      expect(manifest.release).toBe(number);
      const own = new Map([...dumps].filter(([name]) => name.includes(`.${format}`)));
      expect(own.size).toBe(9);
      expect(await differing(mirror(format), own), `release ${number} as ${format}`).toEqual([]);
    }
    compared += 1;
  });
  expect(compared).toBe(RELEASES / 10);
  expect(outcomes).toContain(false);
  // Kills that came too early to count, and some that came after the new files counted.
  expect(seen).toEqual(new Set([0, 1]));
}, 120_000);

test("one that begins at the end of a history, from the feed alone, is the same", async () => {
  const { manifest, began } = await pull("csv", "late");
  expect(began).toBe("FEED");
  expect(await differing(mirror("late"), await canonicalDump(served.portal, ["csv"]))).toEqual([]);
  expect(manifest.tables.map(({ rows }) => rows).reduce((a, b) => a + b)).toBeGreaterThan(100);
});
