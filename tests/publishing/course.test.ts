import { describe, expect, test } from "vitest";
import type { PublishProgress } from "../../portal/releases/summary.ts";
import { gateBeforeCommitOf } from "../support/gates.ts";
import { importerOn } from "../support/publishing.ts";
import { entitiesOnly, newClaims, regionMoved } from "./support/kinds.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";

describe("a publication", () => {
  const portal = portalWithHistory(embedded);
  const headRelease = async () => (await portal().snapshot()).head.release;

  test("waits as long as it is told between the last write of its own and the commit", async () => {
    const course: string[] = [];
    const importer = importerOn(portal(), {
      settleMs: 5000,
      sleep: async (ms) => course.push(`waits ${ms} ms at release ${await headRelease()}`),
      intercept: async ({ command }, send) => {
        if (/Put|Write|Update|Delete/.test(command)) course.push("writes");
        return send();
      },
    });
    await newClaims.publish(importer);
    expect(await headRelease()).toBe(4);
    expect(course.length).toBeGreaterThan(4);
    expect(course.slice(-2)).toEqual(["waits 5000 ms at release 3", "writes"]);
    expect(course.filter((step) => step.startsWith("waits"))).toHaveLength(1);
  });

  test("does not wait where nothing has to settle, nor where nothing is new", async () => {
    const sleep = async () => expect.unreachable("there is nothing to wait for");
    await newClaims.publish(importerOn(portal(), { settleMs: 0, sleep }));
    expect(await newClaims.publish(importerOn(portal(), { settleMs: 5000, sleep }))).toMatchObject({
      published: false,
    });
  });

  test.for([entitiesOnly, newClaims, regionMoved])(
    "of $name says how far it is before it writes, and after",
    async (kind) => {
      const steps: PublishProgress[] = [];
      let writesBefore: number | undefined;
      let writes = 0;
      const importer = importerOn(portal(), {
        intercept: async ({ command }, send) => {
          if (/Batch.*Write|Delete/.test(command)) writes += 1;
          return send();
        },
      });
      const { rows } = await kind.publish(importer, {
        onProgress: (step) => {
          if (step.phase === "STAGING") writesBefore ??= writes;
          steps.push(step);
        },
      });
      expect(writesBefore).toBe(0);
      const staging = steps.filter(({ phase }) => phase === "STAGING");
      expect(staging[0]).toEqual({ phase: "STAGING", rows: 0, totalRows: staging.at(-1)?.rows });
      expect(staging.length).toBeGreaterThan(1);
      expect(staging.at(-1)?.totalRows).toBeGreaterThanOrEqual(rows);
      expect(steps.at(-1)?.phase).toBe("COMMITTING");
    },
  );

  test("that has to wait for another one is told so before it checks its rows", async () => {
    const gate = gateBeforeCommitOf(4);
    const first = newClaims.publish(importerOn(portal(), { intercept: gate.intercept }));
    await gate.reached;
    const steps: PublishProgress[] = [];
    const second = entitiesOnly.publish(importerOn(portal()), { onProgress: (step) => steps.push(step) });
    await expect(second).rejects.toMatchObject({ code: "RELEASE_IN_PROGRESS" });
    expect(steps).toEqual([]);
    gate.open();
    expect(await first).toMatchObject({ release: 4, published: true });
  });

  test("that undoes another says how many series it has looked at, before it checks what comes of it", async () => {
    await newClaims.publish(importerOn(portal()));
    const steps: PublishProgress[] = [];
    await importerOn(portal()).revert(4, { onProgress: (step) => steps.push(step) });
    expect([...new Set(steps.map(({ phase }) => phase))]).toEqual(["UNDOING", "VALIDATING", "STAGING", "COMMITTING"]);
    expect(steps.findLast(({ phase }) => phase === "UNDOING")).toEqual({ phase: "UNDOING", rows: 6, totalRows: 6 });
  });
});
