import { describe, expect, test } from "vitest";
import type { Publisher } from "../../portal/releases/publish.ts";
import { PublicationPausedError } from "../../portal/releases/summary.ts";
import type { Intercept } from "../support/portal.ts";
import { contentOf, EARLY, type ImporterOptions, importerOn, itemsOf, LATER } from "../support/publishing.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";
import { deleted, FORTH, region, SOURCES, says } from "./support/history.ts";
import { counting, cutOffAt } from "./support/intercepts.ts";
import { rival } from "./support/kinds.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";
import { stateOf } from "./support/state.ts";

/** Entities, a region that moves, and rows of many series: more than memory is given. */
const many = madeUp(
  {
    "regions.csv": [
      region("9002", "91", "PREFECTURE", "Northfield"),
      ...Array.from({ length: 40 }, (_, i) => region(`92${String(i + 10)}`, "92", "PREFECTURE", `East ${i}`)),
    ],
    "observations.csv": [
      ...Array.from({ length: 40 }, (_, i) => `92${String(i + 10)}`).flatMap((code) => rowsOf(code)),
      ...rowsOf("9002"),
      ...rowsOf("9001"),
      says("9001", "2022", "95", { metric_id: "open-volume", source_id: "leaflet" }),
    ],
  },
  FORTH,
  "Many",
);

function rowsOf(code: string): MadeRow[] {
  return ["2022", "2023", "2024"].map((period, i) => says(code, period, `${i}`, { source_id: "leaflet" }));
}

const OPTIONS: ImporterOptions = { memoryRows: 10 };
const CHECKPOINTS = { checkpointRows: 20 };
const hurried = { ...CHECKPOINTS, remainingMs: () => 0 };

describe("a release that takes longer than there is time", () => {
  const portal = portalWithHistory(embedded);
  const importer = (options: ImporterOptions = {}): Publisher => importerOn(portal(), { ...OPTIONS, ...options });

  /** What an undisturbed publication makes of the portal, and in how many calls; the portal is left with it. */
  async function undisturbed() {
    const { intercept, count } = counting();
    await importer({ intercept }).publish(many, CHECKPOINTS);
    return { content: await contentOf(portal()), calls: count() };
  }

  test("pauses at a checkpoint, says so, and nobody sees anything of it", async () => {
    const before = await stateOf(portal());
    const paused = await importer()
      .publish(many, hurried)
      .catch((error: unknown) => error);
    expect(paused).toBeInstanceOf(PublicationPausedError);
    expect(paused).toMatchObject({
      code: "RELEASE_PAUSED",
      message: expect.stringMatching(/^release 4 paused after 41 of 168 rows/),
    });
    expect(await stateOf(portal())).toEqual({
      ...(before as object),
      head: { ...headOf(before), lease: expect.anything() },
    });
  });

  test("goes on where it stood, step by step, and ends as if it had never paused", async () => {
    const { intercept, count } = counting();
    const steps: number[] = [];
    for (let done = false; !done; ) {
      const before = count();
      const outcome = await importer({ intercept })
        .publish(many, hurried)
        .catch((error: unknown) => error);
      done = !(outcome instanceof PublicationPausedError);
      if (done) expect(outcome).toMatchObject({ published: true, release: 4, rows: 41 + 127, claims: 127 });
      steps.push(count() - before);
      expect(steps.length).toBeLessThan(12);
    }
    expect(steps.length).toBeGreaterThan(3);
    expect((await portal().snapshot()).head).toMatchObject({ release: 4, voids: [] });
    const content = await contentOf(portal());
    await reset();
    const { content: expected, calls: inOneGo } = await undisturbed();
    expect(content).toEqual(expected);
    for (const step of steps) expect(step, "calls of a step, of those in one go").toBeLessThan(inOneGo);
  });

  test("is not held up by its own lease, nor by one that ran out", async () => {
    await importer()
      .publish(many, hurried)
      .catch(() => undefined);
    expect(await importer().publish(many, CHECKPOINTS)).toMatchObject({ published: true, release: 4 });
  });

  test("makes way for another, and comes after it whole", async () => {
    await importer()
      .publish(many, hurried)
      .catch(() => undefined);
    expect(await rival.publish(importer())).toMatchObject({ published: true, release: 5 });
    expect(
      await importer()
        .publish(many, hurried)
        .catch((error: unknown) => error),
    ).toBeInstanceOf(PublicationPausedError);
    expect(await importer().publish(many, CHECKPOINTS)).toMatchObject({ published: true, release: 6, claims: 127 });
    const state = await stateOf(portal());
    await reset();
    await rival.publish(importer());
    await importer().publish(many, CHECKPOINTS);
    expect(state).toEqual(await stateOf(portal()));
  });

  test("that died behind a checkpoint remembers who names which source", async () => {
    await pauseAmongClaims();
    await importer().publish(many, CHECKPOINTS);
    const names = (await itemsOf(portal(), "catalogue")).get("referrers:source:leaflet");
    expect(JSON.parse(names?.names?.S ?? "[]")).toHaveLength(20);
    const deletion = madeUp({ "sources.csv": [deleted(SOURCES[2])] }, FORTH, "Deletion");
    await expect(importer().publish(deletion)).rejects.toThrow(/STILL_REFERENCED/);
  });

  test("can be finished by an importer with more memory", async () => {
    await pauseAmongClaims();
    expect(await importerOn(portal()).publish(many)).toMatchObject({ published: true, claims: 127 });
    const state = await stateOf(portal());
    await reset();
    await importerOn(portal()).publish(many);
    expect(claimsIn(state)).toEqual(claimsIn(await stateOf(portal())));
  });

  test.for([0.3, 0.5, 0.7, 0.9])("and dies at %d of the calls that are left ends like any other", async (moment) => {
    const { content, calls } = await undisturbed();
    await reset();
    await pauseAmongClaims();
    const cut = cutOffAt(Math.ceil(moment * calls * 0.8));
    await expect(importer({ now: () => EARLY, intercept: cut }).publish(many, CHECKPOINTS)).rejects.toThrow();
    await importer({ now: () => LATER }).publish(many, CHECKPOINTS);
    expect(await contentOf(portal())).toEqual(content);
  });

  test("and has many entities goes on among them, and writes none of them again", async () => {
    const regions = Array.from({ length: 260 }, (_, i) => region(`92${i + 100}`, "92", "PREFECTURE", `East ${i}`));
    const places = madeUp(
      { "regions.csv": [...regions, { ...region("9002", "91", "PREFECTURE", "Northfield") }] },
      FORTH,
    );
    const hurry = { checkpointRows: 100, remainingMs: () => 0 };
    const [paused, written] = [[] as string[], [] as string[]];
    const intercept: Intercept = (call, send) => {
      written.push(...writtenIds(call.input));
      return send();
    };
    for (;;) {
      const outcome = await importer({ intercept })
        .publish(places, hurry)
        .catch((error: unknown) => error);
      if (!(outcome instanceof PublicationPausedError)) {
        expect(outcome).toMatchObject({ published: true, release: 4, entities: { added: 260, revised: 1 } });
        break;
      }
      paused.push(outcome.message);
      expect(paused.length).toBeLessThan(10);
    }
    expect(paused.map((message) => message.split(";")[0])).toEqual([
      "release 4 paused after 100 of 261 rows",
      "release 4 paused after 200 of 261 rows",
    ]);
    const entities = written.filter((id) => /^region:9(2\d{3}|002)$/.test(id));
    expect(entities).toHaveLength(261);
    expect(new Set(entities).size).toBe(261);
    const content = await contentOf(portal());
    await reset();
    await importer().publish(places);
    expect(content).toEqual(await contentOf(portal()));
  });

  /** Behind all entities and some of the rows. */
  async function pauseAmongClaims(): Promise<void> {
    for (const of of [41, 62]) {
      await expect(importer().publish(many, hurried)).rejects.toThrow(`paused after ${of} of 168 rows`);
    }
  }

  /** Back to the history, in the middle of a test. */
  async function reset(): Promise<void> {
    await portal.reset();
  }
});

/** Ids of the catalogue's items that a call writes. */
function writtenIds(input: object): string[] {
  const { Item, RequestItems = {} } = input as {
    Item?: { id?: { S?: string } };
    RequestItems?: Record<string, readonly { PutRequest?: { Item: { id?: { S?: string } } } }[]>;
  };
  const batch = Object.values(RequestItems).flat();
  return [Item, ...batch.map(({ PutRequest }) => PutRequest?.Item)].flatMap((item) => item?.id?.S ?? []);
}

function headOf(state: unknown): object {
  return (state as { head: object }).head;
}

function claimsIn(state: unknown): unknown {
  const { vintages } = state as { vintages: readonly { readonly facts: readonly object[] }[] };
  return vintages.at(-1)?.facts;
}
