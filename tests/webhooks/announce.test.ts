import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CLAIM_MS } from "../../functions/webhooks/announcements.ts";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { callScope } from "../../portal/store/calls.ts";
import { type Receiver, startReceiver, verified } from "./support/receiver.ts";
import { openWebhookDesk, type WebhookDesk } from "./support/webhook-desk.ts";

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let receiver: Receiver;
beforeAll(async () => {
  engine = await startDynamoDb();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await engine.close();
});

let desk: WebhookDesk;
beforeEach(async () => {
  desk = await openWebhookDesk(engine);
});
afterEach(async () => {
  await desk.close();
  receiver.forget();
});

/** The releases that arrived, in order of their numbers. */
const told = () => receiver.received.map(({ body }) => JSON.parse(body).data.release as number).sort((a, b) => a - b);

describe("the announcer", () => {
  test("announces the first release of an empty portal, and each after it once", async () => {
    const webhooks = desk.start();
    expect(await webhooks.announce()).toEqual({ status: "CURRENT", release: 0 });
    await desk.add(receiver.url);
    await desk.publish();
    expect(await webhooks.announce()).toEqual({ status: "ANNOUNCED", releases: [1], messages: 1 });
    expect(await webhooks.announce()).toEqual({ status: "CURRENT", release: 1 });
    await desk.publish();
    await desk.publish();
    expect(await webhooks.announce()).toEqual({ status: "ANNOUNCED", releases: [2, 3], messages: 2 });
    await webhooks.idle();
    expect(told()).toEqual([1, 2, 3]);
    const links = receiver.received.map(({ body }) => JSON.parse(body).data.links.changes as string).sort();
    expect(links).toEqual(
      ["", "?after=release:1", "?after=release:2"].map((rest) => `https://data.example.org/v1/changes${rest}`),
    );
  });

  test("has every partner told, signed so that readers of the specification take it", async () => {
    const webhooks = desk.start();
    const hook = await desk.add(receiver.url);
    const other = await startReceiver();
    try {
      const second = await desk.add(other.url, "Bureau");
      await desk.publish();
      await webhooks.announce();
      const release = await desk.publish();
      expect(await webhooks.announce()).toEqual({ status: "ANNOUNCED", releases: [release], messages: 2 });
      await webhooks.idle();

      const [request] = receiver.received;
      if (!request) throw new Error("nothing arrived");
      expect(request).toMatchObject({
        ...{ method: "POST", path: "/hook" },
        headers: {
          "content-type": "application/json",
          "webhook-id": `release-${release}-${hook.id}`,
          "webhook-timestamp": expect.stringMatching(/^\d{10}$/),
          "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
        },
      });
      const counts = { claims: 1, entities: expect.any(Number), changes: 1 };
      expect(verified(hook.secret, request)).toEqual({
        type: "release.published",
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        data: {
          ...{ release, title: "Release no. 2", publisher: "Tests", publishedOn: "2024-01-01", counts },
          links: {
            release: `https://data.example.org/v1/releases/${release}`,
            changes: `https://data.example.org/v1/changes?after=release:${release - 1}`,
            dumps: "https://data.example.org/v1/dumps",
          },
        },
      });
      expect(() => verified(second.secret, request)).toThrow("No matching signature found");
      expect(() => verified(hook.secret, { ...request, body: `${request.body} ` })).toThrow("No matching signature");
      expect(other.received.map((each) => verified(second.secret, each).type)).toEqual(["release.published"]);
      expect(await desk.find(hook.id)).toMatchObject({ delivered: [release], failures: 0, lastFailure: null });
      expect(webhooks.deadLetters).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test("says nothing of what was published before there was anybody to tell", async () => {
    await desk.publish();
    const webhooks = desk.start();
    expect(await webhooks.announce()).toEqual({ status: "CURRENT", release: 1 });
    await desk.publish();
    await desk.add(receiver.url);
    expect(await webhooks.announce()).toEqual({ status: "ANNOUNCED", releases: [2], messages: 0 });
  });

  test("reads HEAD, and nothing else, as long as nothing is new", async () => {
    await desk.publish();
    const calls: string[] = [];
    const webhooks = desk.start({}, ({ command, input }, send) => {
      calls.push(`${command} ${JSON.stringify(input.Key)}`);
      return send();
    });
    await webhooks.announce();
    calls.length = 0;
    await webhooks.announce();
    expect(calls).toEqual(['GetItemCommand {"id":{"S":"head"}}']);
  });

  test("leaves out webhooks that are disabled, and numbers that never became a release", async () => {
    const webhooks = desk.start();
    await webhooks.announce();
    const { id } = await desk.add(receiver.url);
    await desk.add(`${receiver.url}/other`, "Bureau");
    await desk.register.change(id, callScope(), (record) => ({ ...record, disabledAt: record.createdAt }));
    await desk.publish();
    const killed = desk.publishVia(async ({ command, input }, send) => {
      // What is staged names its release, which is the last to be written before the commit.
      if (command === "PutItemCommand" && JSON.stringify(input.Item).includes("Release no. 2"))
        throw new Error("killed");
      return send();
    });
    await expect(killed).rejects.toThrow();
    await expireLease(desk);
    expect(await desk.publish()).toBe(3);
    expect(await webhooks.announce()).toEqual({ status: "ANNOUNCED", releases: [1, 3], messages: 2 });
    await webhooks.idle();
    expect(told()).toEqual([1, 3]);
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(["/hook/other"]));
    const third = receiver.received.find(({ body }) => JSON.parse(body).data.release === 3);
    expect(JSON.parse(third?.body ?? "").data.links.changes).toMatch(/after=release:1$/);
  });

  test("of which there are many at once puts each message into the queue once", async () => {
    const all = [desk.start(), desk.start(), desk.start()];
    await all[0]?.announce();
    await desk.add(receiver.url);
    await desk.publish();
    const outcomes = await Promise.all(all.map((webhooks) => webhooks.announce()));
    expect(outcomes.map(({ status }) => status).sort()).toContain("ANNOUNCED");
    expect(outcomes.filter(({ status }) => status === "ANNOUNCED")).toHaveLength(1);
    await Promise.all(all.map((webhooks) => webhooks.idle()));
    expect(told()).toEqual([1]);
  });
});

test("an announcer that is killed at any call is succeeded, and no release goes untold or is told under two names", async () => {
  let at = Date.now();
  await desk.start().announce();
  await desk.add(receiver.url);
  let release = 0;
  let finished = false;
  for (let fatal = 1; !finished; fatal += 1) {
    release = await desk.publish();
    let calls = 0;
    const webhooks = desk.start({ now: () => at }, async (_, send) => {
      calls += 1;
      if (calls >= fatal) throw new Error("killed");
      return send();
    });
    finished = await webhooks.announce().then(
      () => true,
      () => false,
    );
    await webhooks.close();
    const next = desk.start({ now: () => at });
    await next.announce();
    at += CLAIM_MS + 1;
    await next.announce();
    await next.idle();
    expect((await next.announce()).status).toBe("CURRENT");
  }
  // Some came twice, with the same id; and each came.
  const ids = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
  expect(new Set(told())).toEqual(new Set(Array.from({ length: release }, (_, i) => i + 1)));
  expect(ids.size).toBe(release);
  expect(release).toBeGreaterThan(4);
});

/** As time would: whoever comes next begins anew. */
async function expireLease({ store }: WebhookDesk): Promise<void> {
  await store.update(
    {
      TableName: store.tables.catalogue,
      Key: { id: { S: "head" } },
      UpdateExpression: "SET leaseExpiresAt = :past",
      ExpressionAttributeValues: { ":past": { N: "1" } },
    },
    callScope(),
  );
}
