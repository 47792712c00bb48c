import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImportReport } from "../../functions/importer/report.ts";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import type { RunningEngine } from "../support/engines.ts";
import type { StoreCall } from "../support/portal.ts";
import { longRelease, parksOf } from "./support/made-release.ts";
import { type DeskOptions, openDesk, type UploadDesk } from "./support/upload-desk.ts";

let engine: RunningEngine;
beforeAll(async () => {
  const { endpoint, close } = await startDynamoDb();
  engine = { endpoint, stop: close };
});
afterAll(() => engine.stop());

async function atDesk(use: (desk: UploadDesk) => Promise<void>, options?: DeskOptions): Promise<void> {
  const desk = await openDesk(engine, options);
  try {
    await use(desk);
  } finally {
    await desk.close();
  }
}

const isWrite = ({ command }: StoreCall) => command === "PutItemCommand" || command === "BatchWriteItemCommand";

/** What DynamoDB says of itself when it is not well. */
function unwell(): Error {
  return Object.assign(new Error("internal"), { name: "InternalServerError" });
}

/** What S3 says when it is asked too much. */
function slowDown(): Error {
  return Object.assign(new Error("reduce your request rate"), { name: "SlowDown" });
}

describe("time that runs short", () => {
  test("pauses a publication, and further invocations go on until it is whole", async () => {
    let invocations = 0;
    let remaining = 0;
    let positions = 0;
    let between: Promise<Snapshot> | undefined;
    let desk: UploadDesk | undefined;
    const options: DeskOptions = {
      // Enough to begin with, nothing left at the first checkpoint, enough again from then on.
      invocationTime: () => {
        invocations += 1;
        remaining = 900_000;
        return () => remaining;
      },
      intercept: async (call, send) => {
        const isPosition = isWrite(call) && JSON.stringify(call.input).includes("staging:1");
        if (isPosition && ++positions === 1) remaining = 0;
        if (invocations === 2) {
          between ??= desk?.portal.snapshot();
          await between;
        }
        return send();
      },
    };
    await atDesk(async (opened) => {
      desk = opened;
      const reported: ImportReport[] = [];
      desk.onPut(({ key, body }) => {
        if (key.endsWith(".json")) reported.push(JSON.parse(body));
      });
      await desk.drop("long.zip", longRelease(110_000));
      await desk.importer.idle();
      expect(reported.map(({ status }) => status)).toEqual(["IMPORTING", "PAUSED", "IMPORTING", "PUBLISHED"]);
      expect((await between)?.head).toMatchObject({ release: 0, lease: { release: 1, expiresAt: 0 } });
      expect(await desk.reportOn("long.zip")).toMatchObject({
        delivery: 2,
        summary: { release: 1, rows: 110_114, observations: { added: 110_000 } },
      });
      expect((await desk.portal.snapshot()).head.release).toBe(1);
      expect(desk.importer.deadLetters).toEqual([]);
    }, options);
  }, 60_000);

  test("begins nothing that it cannot get on with", () =>
    atDesk(
      async (desk) => {
        await desk.drop("a.zip", parksOf(2020));
        await desk.importer.idle();
        expect(desk.logged.every(({ message }) => message === "too little time is left to begin")).toBe(true);
        expect(await desk.reportOn("a.zip")).toBeUndefined();
        expect(desk.importer.deadLetters).toMatchObject([{ receives: 3 }]);
      },
      { invocationTime: () => () => 100_000, maxReceives: 3 },
    ));
});

describe("a store that fails", () => {
  test("for a while holds an import up, and nothing is lost", async () => {
    let writes = 0;
    await atDesk(
      async (desk) => {
        await desk.drop("a.zip", parksOf(2020));
        await desk.importer.idle();
        const statuses = desk.logged.filter(({ status }) => status).map(({ status }) => status);
        expect(statuses).toEqual([...Array(statuses.length - 1).fill("RETRYING"), "PUBLISHED"]);
        expect(statuses.length).toBeGreaterThan(3);
        expect(await desk.reportOn("a.zip")).toMatchObject({ status: "PUBLISHED", summary: { release: 1 } });
      },
      {
        // Every write fails once, in turn: each attempt comes one write further.
        intercept: async (call, send) => {
          if (isWrite(call) && ++writes % 3 === 0 && writes < 40) throw unwell();
          return send();
        },
      },
    );
  });

  test("for good makes a dead letter, and the report says so", () =>
    atDesk(
      async (desk) => {
        await desk.drop("a.zip", parksOf(2020));
        await desk.importer.idle();
        const message = "The store did not answer in time; try again shortly.";
        expect(await desk.reportOn("a.zip")).toMatchObject({ status: "FAILED", message, delivery: 3 });
        expect(desk.importer.deadLetters).toMatchObject([{ receives: 3, body: expect.stringContaining("a.zip") }]);
        expect((await desk.portal.snapshot()).head.release).toBe(0);
      },
      {
        maxReceives: 3,
        intercept: async (call, send) => {
          if (isWrite(call)) throw unwell();
          return send();
        },
      },
    ));

  test("in a way that nobody foresaw keeps it to the log", () =>
    atDesk(
      async (desk) => {
        await desk.drop("a.zip", parksOf(2020));
        await desk.importer.idle();
        const report = await desk.reportOn("a.zip");
        expect(report?.message).toMatch(/^an internal error; the log has it under the request id [\w-]+$/);
        expect(JSON.stringify(report)).not.toContain("secret");
        expect(desk.logged.find(({ level }) => level === "ERROR")).toMatchObject({ key: "a.zip" });
        expect(JSON.stringify(desk.logged)).toContain("table secret-people is on fire");
      },
      {
        maxReceives: 1,
        intercept: async () => {
          throw new Error("table secret-people is on fire");
        },
      },
    ));
});

describe("a bucket that fails", () => {
  test("to take the report has the upload come again", () =>
    atDesk(async (desk) => {
      let refused = 0;
      desk.onPut(({ body }) => {
        if (body.includes('"PUBLISHED"') && ++refused === 1) throw slowDown();
      });
      await desk.drop("a.zip", parksOf(2020));
      await desk.importer.idle();
      expect(desk.logged.map(({ message }) => message)).toEqual([
        "a message failed unexpectedly",
        "nothing new: release 1 holds all of it",
      ]);
      expect(await desk.reportOn("a.zip")).toMatchObject({ status: "UNCHANGED", summary: { release: 1 } });
    }));
});

describe("a report that is no report", () => {
  test.for([" ", "{", "null", '{"upload":{}}'])("%j is replaced", (content) =>
    atDesk(async (desk) => {
      const Key = "a.zip.report.json";
      await desk.s3.send(new PutObjectCommand({ Bucket: desk.bucket, Key, Body: content }));
      await desk.drop("a.zip", parksOf(2020));
      await desk.importer.idle();
      expect(await desk.reportOn("a.zip")).toMatchObject({ status: "PUBLISHED" });
    }),
  );
});
