import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Event } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalS3, startS3 } from "../../local/s3.ts";
import { StartError } from "../../local/start-error.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gazetteer-s3-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function withClient<T>(storage: LocalS3, use: (client: S3Client) => Promise<T>): Promise<T> {
  const client = new S3Client(storage.clientConfig);
  try {
    return await use(client);
  } finally {
    client.destroy();
    await storage.close();
  }
}

describe("the embedded S3", () => {
  test("notifies of what is put and removed, with keys as S3 encodes them", async () => {
    const storage = await startS3({ buckets: ["uploads"] });
    const events: S3Event[] = [];
    storage.onEvent((event) => events.push(event));
    await withClient(storage, async (client) => {
      const object = { Bucket: "uploads", Key: "in/a b+贵.zip" };
      const { ETag } = await client.send(new PutObjectCommand({ ...object, Body: "zip" }));
      await client.send(new DeleteObjectCommand(object));
      const key = "in/a+b%2B%E8%B4%B5.zip";
      const named = { bucket: expect.objectContaining({ name: "uploads" }) };
      expect(events.map(({ Records: [record] }) => record)).toMatchObject([
        {
          eventSource: "aws:s3",
          eventName: "ObjectCreated:Put",
          s3: { ...named, object: { key, size: 3, eTag: ETag?.replaceAll('"', ""), sequencer: expect.any(String) } },
        },
        { eventName: "ObjectRemoved:Delete", s3: { ...named, object: { key } } },
      ]);
    });
  });

  test("takes what is streamed as it is", async () => {
    await withClient(await startS3({ buckets: ["uploads"] }), async (client) => {
      const object = { Bucket: "uploads", Key: "streamed.zip" };
      const content = "0123456789".repeat(20_000);
      await client.send(new PutObjectCommand({ ...object, Body: Readable.from([content]), ContentLength: 200_000 }));
      const { Body } = await client.send(new GetObjectCommand(object));
      expect(await Body?.transformToString()).toBe(content);
    });
  });

  test("keeps what it is told to keep", async () => {
    const object = { Bucket: "uploads", Key: "kept.zip" };
    await withClient(await startS3({ buckets: ["uploads"], dataDir: folder }), (client) =>
      client.send(new PutObjectCommand({ ...object, Body: "kept" })),
    );
    const text = await withClient(await startS3({ buckets: ["uploads"], dataDir: folder }), async (client) => {
      const { Body } = await client.send(new GetObjectCommand(object));
      return Body?.transformToString();
    });
    expect(text).toBe("kept");
    await expect(access(join(folder, "s3"))).resolves.toBeUndefined();
  });

  test("in a folder that cannot be had is a clear error", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(startS3({ buckets: [], dataDir: file })).rejects.toThrow(StartError);
  });
});
