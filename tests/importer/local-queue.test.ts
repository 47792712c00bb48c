import { setTimeout as sleep } from "node:timers/promises";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { LocalQueue, type QueueOptions } from "../../local/queue.ts";

const DONE = { batchItemFailures: [] };

function queueOf(deliver: (record: SQSRecord) => Promise<boolean>, options: Partial<QueueOptions> = {}): LocalQueue {
  return new LocalQueue({
    maxReceives: 3,
    redeliverAfterMs: 1,
    concurrency: 2,
    deliver: async ({ Records: [record] }: SQSEvent) => {
      if (record === undefined || (await deliver(record))) return DONE;
      return { batchItemFailures: [{ itemIdentifier: record.messageId }] };
    },
    ...options,
  });
}

describe("the queue", () => {
  test("delivers each message until it is done", async () => {
    const receives = new Map<string, string[]>();
    const queue = queueOf(async ({ body, attributes }) => {
      const seen = receives.get(body) ?? [];
      receives.set(body, [...seen, attributes.ApproximateReceiveCount]);
      return body !== "twice" || seen.length === 1;
    });
    for (const body of ["once", "twice"]) queue.send(body);
    await queue.idle();
    expect(Object.fromEntries(receives)).toEqual({ once: ["1"], twice: ["1", "2"] });
    expect(queue.deadLetters).toEqual([]);
  });

  test("makes dead letters of what fails too often, whether it says so or throws", async () => {
    const queue = queueOf(async ({ body }) => {
      if (body === "throws") throw new Error("on fire");
      return false;
    });
    for (const body of ["fails", "throws"]) queue.send(body);
    await queue.idle();
    expect(queue.deadLetters.map(({ body, receives }) => [body, receives]).sort()).toEqual([
      ["fails", 3],
      ["throws", 3],
    ]);
  });

  test("delivers as many at a time as it is told", async () => {
    let now = 0;
    let most = 0;
    const queue = queueOf(async () => {
      most = Math.max(most, ++now);
      await sleep(5);
      now -= 1;
      return true;
    });
    for (let i = 0; i < 10; i += 1) queue.send(`${i}`);
    await queue.idle();
    expect(most).toBe(2);
  });

  test("that is closed delivers no more, and waits for what is under way", async () => {
    const delivered: string[] = [];
    const queue = queueOf(
      async ({ body }) => {
        await sleep(5);
        delivered.push(body);
        return false;
      },
      { concurrency: 1, redeliverAfterMs: 0 },
    );
    for (const body of ["a", "b"]) queue.send(body);
    await queue.close();
    await sleep(20);
    expect(delivered).toEqual(["a"]);
  });
});
