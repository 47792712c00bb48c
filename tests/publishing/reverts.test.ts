import { describe, expect, test } from "vitest";
import { engines } from "../support/engines.ts";
import type { TestPortal } from "../support/portal.ts";
import { importerOn, LATER } from "../support/publishing.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";
import { FORTH, says } from "./support/history.ts";
import {
  deletions,
  entitiesOnly,
  newClaims,
  otherKeys,
  type ReleaseKind,
  regionMoved,
  revisions,
  spilling,
} from "./support/kinds.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";
import { presentOf } from "./support/reader.ts";
import { seenAsOf, stateOf, wrongTotals } from "./support/state.ts";

const release = (title: string, files: MadeFiles) => madeUp(files, FORTH, title);
const NOTHING_LEFT = expect.objectContaining({
  code: "BAD_USER_INPUT",
  message: expect.stringMatching(/nothing left to undo/),
});

const publish = (portal: TestPortal, files: ReturnType<typeof release>) => importerOn(portal).publish(files);
/** The clock stands at the day of the history's end, so that a revert of today is dated like it. */
const revert = (portal: TestPortal, number: number) =>
  importerOn(portal, { now: () => Date.parse(FORTH) }).revert(number);

describe.each(engines)("the revert of a release on $name", (engine) => {
  const portal = portalWithHistory(engine);
  const kinds: readonly ReleaseKind[] =
    engine === embedded
      ? [entitiesOnly, newClaims, revisions, otherKeys, deletions, regionMoved, spilling]
      : [otherKeys];

  test.for(kinds)("of $name brings back what was, its own revert what it brought, and so on", async (kind) => {
    const before = await presentOf(portal().ask);
    await kind.publish(importerOn(portal(), { ...kind.importer }));
    const [after, seen] = [await presentOf(portal().ask), await seenAsOf(portal(), 4)];
    expect(await revert(portal(), 4)).toMatchObject({ release: 5, published: true, impossible: [] });
    expect(await presentOf(portal().ask)).toEqual(before);
    expect(await revert(portal(), 5)).toMatchObject({ release: 6, published: true, impossible: [] });
    expect(await presentOf(portal().ask)).toEqual(after);
    expect(await revert(portal(), 6)).toMatchObject({ release: 7, published: true, impossible: [] });
    expect(await presentOf(portal().ask)).toEqual(before);
    expect(await kind.publish(importerOn(portal(), { ...kind.importer }))).toMatchObject({
      release: 8,
      published: true,
    });
    expect(await presentOf(portal().ask)).toEqual(after);
    expect(await seenAsOf(portal(), 4)).toEqual(seen);
    expect(wrongTotals(await stateOf(portal()))).toEqual([]);
  });
});

describe("a revert", () => {
  const portal = portalWithHistory(embedded);

  test("is a release with a name, a day and a place in the feed of its own", async () => {
    await newClaims.publish(importerOn(portal()));
    await importerOn(portal(), { now: () => LATER }).revert(4);
    const { data } = await portal().ask(`{ release { number title publisher publishedOn } }`);
    expect(data).toEqual({
      release: { number: 5, title: "Revert of release 4: new claims", publisher: "Tests", publishedOn: "2024-06-01" },
    });
  });

  test("a second time has nothing left to undo", async () => {
    await otherKeys.publish(importerOn(portal()));
    await revert(portal(), 4);
    await expect(revert(portal(), 4)).rejects.toEqual(NOTHING_LEFT);
    await expect(revert(portal(), 4)).rejects.toThrow(/nothing left to undo: release 5 has undone it$/);
  });

  test.for([0, -1, 1.5, 4, 5, Number.NaN])("of release %d is refused: there is none", async (number) => {
    await expect(revert(portal(), number)).rejects.toMatchObject({ code: "BAD_USER_INPUT", argument: "release" });
    expect((await portal().snapshot()).head.release).toBe(3);
  });

  test("of the very first release undoes what nobody has built on", async () => {
    const { impossible, published } = await revert(portal(), 1);
    expect(published).toBe(true);
    expect(impossible).toContainEqual(expect.stringMatching(/^source:yearbook-2023 stays: /));
    const { data } = await portal().ask(
      `{ metric(id: "unused") { id } complex: industrialComplex(id: "south-lab") { id } region(code: "9001") { id } }`,
    );
    expect(data).toMatchObject({ metric: null, complex: null });
    expect(wrongTotals(await stateOf(portal()))).toEqual([]);
  });

  test("of a metric that came with series of two frequencies undoes all of it", async () => {
    await publish(
      portal(),
      release("Users", {
        "metrics.csv": [{ id: "users", name_en: "Users", unit: "{user}", topic: "use" }],
        "observations.csv": [
          says("91", "2023", "5", { metric_id: "users" }),
          says("91", "2023-09", "1", { metric_id: "users" }),
        ],
      }),
    );
    expect(await revert(portal(), 4)).toMatchObject({ impossible: [] });
    expect((await portal().ask(`{ metric(id: "users") { id } }`)).data).toEqual({ metric: null });
  });

  test("of a source that came with claims leaves the source: their history names it", async () => {
    await publish(
      portal(),
      release("Survey", {
        "sources.csv": [{ id: "survey", title: "Survey" }],
        "observations.csv": [says("92", "2023", "5", { source_id: "survey" })],
      }),
    );
    const { impossible } = await revert(portal(), 4);
    expect(impossible).toEqual(["source:survey stays: series:data-volume/region:92/A refers to it"]);
    const { data } = await portal().ask(
      `{ source(id: "survey") { id } series(metric: "data-volume", subject: "92") { observations { value } } }`,
    );
    expect(data).toEqual({ source: { id: "source:survey" }, series: { observations: [] } });
  });
});
