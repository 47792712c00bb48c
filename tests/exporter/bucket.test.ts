import { randomBytes } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DumpBucket } from "../../functions/dumps/bucket.ts";
import { type LocalS3, startS3 } from "../../local/s3.ts";

const MEGABYTE = 2 ** 20;

let storage: LocalS3;
let s3: S3Client;
let calls: string[];
beforeAll(async () => {
  storage = await startS3({ buckets: ["dumps"] });
  s3 = new S3Client(storage.clientConfig);
  s3.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        calls.push(commandName.replace("Command", ""));
        // The embedded engine knows all of S3's uploads but this one.
        if (commandName === "AbortMultipartUploadCommand") return { output: {}, response: {} } as never;
        return next(args);
      },
    { step: "initialize" },
  );
});
afterAll(async () => {
  s3.destroy();
  await storage.close();
});

async function* chunksOf(content: Uint8Array, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += MEGABYTE) yield content.subarray(at, at + MEGABYTE);
  if (failure) throw failure;
}

test("a file of any size goes up as it comes, in parts", async () => {
  calls = [];
  const content = randomBytes(19 * MEGABYTE);
  const bucket = new DumpBucket(s3, "dumps");
  await bucket.write("large", chunksOf(content), "application/octet-stream");
  expect(calls.sort()).toEqual(["CompleteMultipartUpload", "CreateMultipartUpload", ...Array(3).fill("UploadPart")]);
  expect(await bucket.sizeOf("large")).toBe(content.length);
});

test("one whose content ends too early is not there, and leaves no parts", async () => {
  calls = [];
  const bucket = new DumpBucket(s3, "dumps");
  const broken = chunksOf(randomBytes(17 * MEGABYTE), new Error("the rows ended"));
  await expect(bucket.write("broken", broken, "application/octet-stream")).rejects.toThrow("the rows ended");
  expect(calls).toContain("AbortMultipartUpload");
  expect(await bucket.sizeOf("broken")).toBeUndefined();
  expect(await bucket.read("broken")).toBeUndefined();
});
