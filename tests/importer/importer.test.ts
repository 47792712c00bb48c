import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { RunningEngine } from "../support/engines.ts";
import { gateBeforeCommitOf } from "../support/gates.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { type Files, parksOf } from "./support/made-release.ts";
import { messageOf, notification } from "./support/notifications.ts";
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

async function headOf({ portal }: UploadDesk): Promise<number> {
  return (await portal.snapshot()).head.release;
}

const BROKEN: Files = { ...parksOf(2020), "metrics.csv": "id,name_en,unit,topic\nparks,,,\n" };

describe("an archive that is dropped", () => {
  test("is published, and the report beside it says so", () =>
    atDesk(async (desk) => {
      const key = "2024/parks of 贵阳 (1).zip";
      const eTag = await desk.drop(key, parksOf(2020));
      await desk.importer.idle();
      expect(await headOf(desk)).toBe(1);
      expect(await desk.reportOn(key)).toMatchObject({
        status: "PUBLISHED",
        message: "published as release 1",
        upload: { key, eTag, size: expect.any(Number) },
        delivery: 1,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        summary: { release: 1, rows: 5, observations: { added: 1 }, writeUnits: expect.any(Number) },
      });
      expect(await desk.reportOn(key)).not.toHaveProperty("upload.notification");
      const by = { principal: expect.any(String), from: expect.any(String) };
      expect(desk.logged).toMatchObject([{ status: "PUBLISHED", level: "INFO", key, by }]);
      expect(desk.importer.deadLetters).toEqual([]);
      const { data } = await desk.portal.ask(`{ series(metric: "parks", subject: "region:CN") { latest { value } } }`);
      expect(data).toEqual({ series: { latest: { value: "2020" } } });
    }));

  test("again, or under another name, changes nothing", () =>
    atDesk(async (desk) => {
      await desk.drop("a.zip", parksOf(2020));
      await desk.importer.idle();
      await desk.drop("a.zip", parksOf(2020));
      await desk.drop("b.zip", parksOf(2020));
      await desk.importer.idle();
      expect(await headOf(desk)).toBe(1);
      const unchanged = { status: "UNCHANGED", summary: { release: 1, published: false, writeUnits: 0 } };
      expect(await desk.reportOn("a.zip")).toMatchObject(unchanged);
      expect(await desk.reportOn("b.zip")).toMatchObject(unchanged);
    }));

  test("at the same time as others is published once they are", () =>
    atDesk(
      async (desk) => {
        const years = [2020, 2021, 2022, 2023];
        await Promise.all(years.map((year) => desk.drop(`${year}.zip`, parksOf(year))));
        await desk.importer.idle();
        expect(await headOf(desk)).toBe(years.length);
        for (const year of years) expect(await desk.reportOn(`${year}.zip`)).toMatchObject({ status: "PUBLISHED" });
        expect(desk.importer.deadLetters).toEqual([]);
        // To wait is no error: an alarm counts those.
        expect(desk.logged.map(({ status }) => status)).toContain("WAITING");
        expect(new Set(desk.logged.map(({ level }) => level))).toEqual(new Set(["INFO"]));
      },
      { concurrency: 3, maxReceives: 200 },
    ));
});

test("an archive that waited for another publication until its message is a dead letter says that it failed", () =>
  atDesk(
    async (desk) => {
      const gate = gateBeforeCommitOf(1);
      const publication = desk.portal.importer(gate.intercept).publish(firstRelease);
      await gate.reached;
      await desk.drop("late.zip", parksOf(2020));
      await desk.importer.idle();
      expect(desk.logged.map(({ status }) => status)).toEqual(["WAITING", "WAITING", "WAITING"]);
      expect(await desk.reportOn("late.zip")).toMatchObject({ status: "FAILED", delivery: 3 });
      expect(desk.importer.deadLetters).toHaveLength(1);
      gate.open();
      await publication;
      desk.importer.send(desk.importer.deadLetters[0]?.body ?? "");
      await desk.importer.idle();
      expect(await desk.reportOn("late.zip")).toMatchObject({ status: "PUBLISHED" });
    },
    { maxReceives: 3 },
  ));

describe("a poison file", () => {
  test.for<[string, Files | Uint8Array, object]>([
    ["is no archive", Buffer.from("id,title\n"), { code: "ARCHIVE_INVALID", file: "poison.zip" }],
    ["has a broken row", BROKEN, { code: "MISSING_VALUE", file: "metrics.csv", line: 2, column: "unit" }],
    ["leads elsewhere", { ...parksOf(2020), "../../x.csv": "" }, { code: "UNKNOWN_FILE", file: "../../x.csv" }],
  ])("that %s is a dead letter with its report, and holds up nothing", ([, content, problem]) =>
    atDesk(async (desk) => {
      await desk.drop("in/poison.zip", content);
      await desk.drop("in/good.zip", parksOf(2021));
      await desk.importer.idle();
      expect(await headOf(desk)).toBe(1);
      expect(await desk.reportOn("in/poison.zip")).toMatchObject({
        status: "REJECTED",
        delivery: 1,
        problems: { total: expect.any(Number), problems: expect.arrayContaining([expect.objectContaining(problem)]) },
      });
      expect(desk.importer.deadLetters).toEqual([
        {
          body: expect.stringContaining("poison.zip"),
          reason: expect.stringMatching(/^nothing was published: \d+ problems? in the release$/),
          report: `s3://${desk.bucket}/in/poison.zip.report.json`,
        },
      ]);
    }),
  );

  test("that was mended by another release is published when its letter is sent again", () =>
    atDesk(async (desk) => {
      const { "metrics.csv": metrics = "", "sources.csv": sources = "", ...rest } = parksOf(2021);
      await desk.drop("late.zip", { ...rest, "sources.csv": sources });
      await desk.importer.idle();
      expect(await desk.reportOn("late.zip")).toMatchObject({
        status: "REJECTED",
        problems: { counts: { UNKNOWN_REFERENCE: 1 } },
      });
      await desk.drop("metrics.zip", { "release.json": rest["release.json"] ?? "", "metrics.csv": metrics });
      await desk.importer.idle();
      const [letter] = desk.importer.deadLetters;
      desk.importer.send(letter?.body ?? "");
      await desk.importer.idle();
      expect(await desk.reportOn("late.zip")).toMatchObject({ status: "PUBLISHED", summary: { release: 2 } });
    }));

  test("that is larger than what is taken is not even downloaded", () =>
    atDesk(
      async (desk) => {
        await desk.drop("huge.zip", parksOf(2020));
        await desk.importer.idle();
        const message = "nothing was published: huge.zip is larger than the 100 bytes that are taken";
        expect(await desk.reportOn("huge.zip")).toMatchObject({ status: "REJECTED", message });
        expect(desk.importer.deadLetters).toHaveLength(1);
      },
      { maxUploadBytes: 100 },
    ));
});

describe("a message", () => {
  test("that is no notification is a dead letter as it came", () =>
    atDesk(async (desk) => {
      desk.importer.send("hello");
      await desk.importer.idle();
      expect(desk.importer.deadLetters).toEqual([{ body: "hello", reason: "the message is no JSON object" }]);
    }));

  test("that asks for nothing is done", () =>
    atDesk(async (desk) => {
      desk.importer.send(JSON.stringify({ Event: "s3:TestEvent" }));
      desk.importer.send(messageOf(notification({ bucket: "others" })));
      desk.importer.send(messageOf(notification({ bucket: desk.bucket, key: "notes.txt" })));
      await desk.importer.idle();
      expect(desk.logged.map(({ message }) => message)).toEqual(["ignored", "ignored", "ignored"]);
      expect(desk.importer.deadLetters).toEqual([]);
    }));

  test("about a file that was removed meanwhile is done", () =>
    atDesk(async (desk) => {
      await desk.drop("gone.zip", parksOf(2020));
      await desk.importer.idle();
      for (const Key of ["gone.zip", "gone.zip.report.json"]) {
        await desk.s3.send(new DeleteObjectCommand({ Bucket: desk.bucket, Key }));
      }
      expect(desk.logged).toHaveLength(1);
      desk.importer.send(messageOf(notification({ bucket: desk.bucket, key: "gone.zip" })));
      await desk.importer.idle();
      expect(desk.logged.at(-1)).toMatchObject({ status: "GONE", key: "gone.zip", level: "INFO" });
      expect(await desk.reportOn("gone.zip")).toBeUndefined();
      expect(desk.importer.deadLetters).toEqual([]);
    }));

  test("about a file that was replaced meanwhile leaves it to the message about the other", () =>
    atDesk(async (desk) => {
      const old = notification({ bucket: desk.bucket, key: "a.zip", eTag: "0123456789abcdef" });
      await desk.drop("a.zip", parksOf(2020));
      await desk.importer.idle();
      desk.importer.send(messageOf(old));
      await desk.importer.idle();
      expect(desk.logged).toMatchObject([{ status: "PUBLISHED" }, { status: "SUPERSEDED" }]);
      expect(await desk.reportOn("a.zip")).toMatchObject({ status: "PUBLISHED" });
    }));

  test("that is delivered twice, at once or later, publishes once", () =>
    atDesk(
      async (desk) => {
        const eTag = await desk.drop("a.zip", parksOf(2020));
        const twin = messageOf(notification({ bucket: desk.bucket, key: "a.zip", eTag }));
        for (let i = 0; i < 3; i += 1) desk.importer.send(twin);
        await desk.importer.idle();
        desk.importer.send(twin);
        await desk.importer.idle();
        expect(await headOf(desk)).toBe(1);
        expect(await desk.reportOn("a.zip")).toMatchObject({ summary: { release: 1 } });
        expect(desk.logged.filter(({ status }) => status === "PUBLISHED")).toHaveLength(1);
        expect(desk.importer.deadLetters).toEqual([]);
      },
      { concurrency: 4, maxReceives: 200 },
    ));

  test("that comes again after all was done keeps the report of what was done", () =>
    atDesk(async (desk) => {
      await desk.drop("a.zip", parksOf(2020));
      await desk.importer.idle();
      const report = await desk.reportOn("a.zip");
      desk.importer.send(messageOf(notification({ bucket: desk.bucket, key: "a.zip", ...report?.upload })));
      await desk.importer.idle();
      expect(desk.logged.at(-1)).toMatchObject({ status: "DONE" });
      expect(await desk.reportOn("a.zip")).toEqual(report);
    }));

  test("about several files is dealt with when all of them are", () =>
    atDesk(async (desk) => {
      await desk.drop("bad.zip", Buffer.from("x"));
      await desk.drop("good.zip", parksOf(2020));
      await desk.importer.idle();
      const records = ["bad.zip", "good.zip", "gone.zip"].map((key) => notification({ bucket: desk.bucket, key }));
      desk.importer.send(messageOf(...records));
      await desk.importer.idle();
      expect(desk.logged.slice(-3).map(({ key, status }) => [key, status])).toEqual([
        ["bad.zip", "REJECTED"],
        ["good.zip", "UNCHANGED"],
        ["gone.zip", "GONE"],
      ]);
      expect(desk.importer.deadLetters.map(({ body }) => JSON.parse(body).Records.length)).toEqual([1, 1]);
    }));
});
