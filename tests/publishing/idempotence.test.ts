import { describe, expect, test } from "vitest";
import type { PublishSummary } from "../../portal/releases/summary.ts";
import { engines } from "../support/engines.ts";
import { isWrite } from "../support/gates.ts";
import { type Intercept, openPortal } from "../support/portal.ts";
import { contentOf, importerOn } from "../support/publishing.ts";
import { csvOf, type MadeRow, madeUp, releaseOf } from "../support/releases.ts";
import { FORTH, HISTORY, PLATFORMS, publishHistory, says, takesBack } from "./support/history.ts";
import { KINDS, spilling, undone } from "./support/kinds.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";

/** The writes of an importer, each with the key of what it writes. */
function watch(): { intercept: Intercept; writes: string[] } {
  const writes: string[] = [];
  const intercept: Intercept = (call, send) => {
    const { Item } = call.input as { Item?: { id?: { S?: string } } };
    if (isWrite(call)) writes.push(`${call.command} ${Item?.id?.S ?? ""}`);
    return send();
  };
  return { intercept, writes };
}

describe.each(engines)("what was published before on $name", (engine) => {
  const portal = portalWithHistory(engine);
  const kinds = (engine === embedded ? KINDS : KINDS.slice(0, 2)).filter((kind) => kind !== undone);

  test.for(kinds)("($name) is known again by its files, and nothing is written", async (kind) => {
    await kind.publish(importerOn(portal(), { ...kind.importer }));
    const content = await contentOf(portal());
    const { intercept, writes } = watch();
    const again = await kind.publish(importerOn(portal(), { ...kind.importer, intercept }));
    expect(again).toMatchObject({ published: false, release: 4, writeUnits: 0 });
    expect(writes).toEqual([]);
    expect(await contentOf(portal())).toEqual(content);
  });
});

describe("files that say", () => {
  const portal = portalWithHistory(embedded);

  test("what an old release said are known again after others, and nothing is written", async () => {
    const { intercept, writes } = watch();
    for (const [i, files] of HISTORY.entries()) {
      expect(await importerOn(portal(), { intercept }).publish(files)).toMatchObject({
        published: false,
        release: i + 1,
      });
    }
    expect(writes).toEqual([]);
  });

  const rows: Readonly<Record<string, readonly MadeRow[]>> = {
    "platforms.csv": PLATFORMS.slice(0, 3),
    "observations.csv": [says("90", "2021", "93"), says("90", "2022", "103"), says("ZZ", "2021", "100")],
  };
  const manifest = JSON.stringify({ title: "The same", publisher: "Tests", publishedOn: FORTH });
  const crlf = (text: string) => text.replaceAll("\n", "\r\n");
  const csv = (name: string, order: (rows: readonly MadeRow[]) => readonly MadeRow[] = (same) => same) =>
    csvOf(order(rows[name] ?? []));

  test.for<[how: string, files: Readonly<Record<string, string>>]>([
    ["under another title", { "platforms.csv": csv("platforms.csv"), "observations.csv": csv("observations.csv") }],
    [
      "in another order",
      {
        "platforms.csv": csv("platforms.csv", (all) => all.toReversed()),
        "observations.csv": csv("observations.csv", (all) => all.toReversed()),
      },
    ],
    [
      "with a byte order mark and Windows line ends",
      { "platforms.csv": `\ufeff${crlf(csv("platforms.csv"))}`, "observations.csv": crlf(csv("observations.csv")) },
    ],
    [
      "with other words for the same statuses",
      { "observations.csv": csv("observations.csv").replaceAll(",A,", ",ACTUAL,") },
    ],
  ])("the same %s make no release and leave no trace", async ([, files]) => {
    const content = await contentOf(portal());
    const { intercept, writes } = watch();
    const summary = await importerOn(portal(), { intercept }).publish(
      releaseOf({ "release.json": manifest, ...files }),
    );
    expect(summary).toMatchObject({ published: false, release: 3, claims: 0, changes: 0 });
    expect(summary.unchanged).toBe(summary.rows);
    expect(writes.filter((write) => write !== "PutItemCommand head" && !isSweep(write))).toEqual([]);
    const { head: _, ...after } = without(await contentOf(portal()));
    const { head: __, ...before } = without(content);
    expect(after).toEqual(before);
  });

  test("something new among much that is old claim what is new alone", async () => {
    const observations = [
      says("90", "2021", "93"),
      says("90", "2022", "104"),
      says("92", "2022", "1"),
      says("ZZ", "2022", "110"),
      takesBack("92", { time_period: "1999" }),
    ];
    const summary: PublishSummary = await importerOn(portal()).publish(
      madeUp({ "platforms.csv": [...PLATFORMS], "observations.csv": observations }, FORTH),
    );
    expect(summary).toMatchObject({
      published: true,
      rows: PLATFORMS.length + observations.length,
      // The second release has renamed and moved the cloud of the south.
      entities: { added: 0, revised: 1, deleted: 0 },
      claims: 2,
      observations: { added: 1, revised: 1, withdrawn: 0 },
      unchanged: PLATFORMS.length - 1 + 3,
      changes: 3,
    });
  });

  test("nothing new, and are many, leave their number to others without a trace", async () => {
    const claims = ["ZZ", "90", "9001", "9002", "900101", "900102"].map((code) => says(code, "2021", value(code)));
    const same = madeUp({ "observations.csv": claims }, FORTH, "Nothing new");
    const importer = importerOn(portal(), { memoryRows: 2 });
    expect(await importer.publish(same, { checkpointRows: 1 })).toMatchObject({ published: false, claims: 0 });
    const few = madeUp({ "observations.csv": [says("92", "2021", "1"), says("92", "2022", "2")] }, FORTH, "Few");
    expect(await importerOn(portal()).publish(few)).toMatchObject({ published: true, release: 4, claims: 2 });
    await spilling.publish(importerOn(portal(), { ...spilling.importer }));
    const [series] = await (await portal().snapshot()).series("region:92", "data-volume");
    expect(series?.claims.map(({ value }) => value)).toEqual(expect.arrayContaining(["1", "2"]));
  });

  /** What the frame said of a region in 2021. */
  function value(code: string): string {
    const codes = ["ZZ", "90", "91", "9001", "9002", "9101", "900101", "900102", "900101001"];
    return `${100 - 7 * codes.indexOf(code)}`;
  }
});

test("a history that is published twice is the same history", async () => {
  const engine = await embedded.start();
  const portal = await openPortal(engine);
  await publishHistory(portal);
  const content = await contentOf(portal);
  await publishHistory(portal);
  expect(await contentOf(portal)).toEqual(content);
  await portal.close();
  await engine.stop();
});

/** Removing what the release before left behind is due in any case. */
function isSweep(write: string): boolean {
  return write.startsWith("DeleteItemCommand") || write === "PutItemCommand platform:passing-cloud";
}

function without(content: Readonly<Record<string, string>>): Record<string, string> {
  const swept = /@3$|search:(platform|region):0@|leftovers:3|platform:passing-cloud$/;
  return Object.fromEntries(
    Object.entries(content)
      .filter(([key]) => !swept.test(key))
      .map(([key, item]) => [key.replace("catalogue head", "head"), item]),
  );
}
