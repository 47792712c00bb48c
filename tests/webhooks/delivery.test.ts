import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { callScope } from "../../portal/store/calls.ts";
import { type Receiver, startReceiver, verified } from "./support/receiver.ts";
import { KEYS, openWebhookDesk, type WebhookDesk } from "./support/webhook-desk.ts";

const HOUR = 3_600_000;

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: WebhookDesk;
let receiver: Receiver;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openWebhookDesk(engine);
  receiver = await startReceiver();
});
afterAll(async () => {
  await desk.close();
  await receiver.close();
  await engine.close();
});

let hook: { readonly id: string; readonly secret: string };
let hooks = 0;
beforeEach(async () => {
  hooks += 1;
  hook = await desk.add(`${receiver.url}/${hooks}`);
});
afterEach(() => receiver.forget());

/** What the announcer would put into the queue. */
function queued(release: number, webhook = hook.id, body = `{"release":${release}}`): string {
  return JSON.stringify({ webhook, release, id: `release-${release}-${webhook}`, body });
}

async function deliver(release: number, options: Parameters<WebhookDesk["start"]>[0] = {}) {
  const webhooks = desk.start(options);
  webhooks.send(queued(release));
  await webhooks.idle();
  return webhooks;
}

describe("a release", () => {
  test("that was told is not told again, whoever says so", async () => {
    const webhooks = await deliver(7);
    webhooks.send(queued(7));
    await webhooks.idle();
    webhooks.send(queued(6));
    await webhooks.idle();
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([
      `release-7-${hook.id}`,
      `release-6-${hook.id}`,
    ]);
    expect((await desk.find(hook.id)).delivered).toEqual([6, 7]);
  });
});

describe("a message that fails", () => {
  test.for([[[500, 503]], [["reset", 429]], [[404, 301]], [["hang", "reset"]]] as const)(
    "by %j comes again, with the same id and body, signed anew",
    async ([behaviours]) => {
      receiver.behave(...behaviours);
      let seconds = Math.floor(Date.now() / 1000) * 1000;
      const now = () => {
        seconds += 1000;
        return seconds;
      };
      const webhooks = await deliver(3, { sending: { allowLocal: true, timeoutMs: 100 }, now });
      const ids = receiver.received.map(({ headers, body }) => [headers["webhook-id"], body]);
      expect(ids).toEqual(Array(3).fill([`release-3-${hook.id}`, '{"release":3}']));
      const stamps = receiver.received.map(({ headers }) => headers["webhook-timestamp"]);
      expect(new Set(stamps).size).toBe(3);
      for (const request of receiver.received) expect(verified(hook.secret, request)).toEqual({ release: 3 });
      expect(webhooks.deadLetters).toEqual([]);
      expect(await desk.find(hook.id)).toMatchObject({ delivered: [3], failures: 0, failingSince: null });
    },
  );

  test("as often as it may is a dead letter, which can be sent again", async () => {
    receiver.behave(500, "reset", { status: 307, headers: { location: receiver.url } });
    const webhooks = await deliver(4);
    expect(receiver.received).toHaveLength(3);
    expect(webhooks.deadLetters).toEqual([
      { body: queued(4), reason: `${hook.id} of Observatory: it answered 307; redirects are not followed` },
    ]);
    expect(await desk.find(hook.id)).toMatchObject({
      ...{ delivered: [], failures: 3, disabledAt: null, failingSince: expect.any(String) },
      lastFailure: "it answered 307; redirects are not followed",
    });
    webhooks.send(webhooks.deadLetters[0]?.body ?? "");
    await webhooks.idle();
    expect(await desk.find(hook.id)).toMatchObject({ delivered: [4], failures: 0, lastFailure: null });
  });

  test("for days disables the webhook, and says so; what still comes is a dead letter", async () => {
    receiver.behave(500, 500, 500);
    const began = Date.now();
    // The attempts are a day and more apart.
    const now = () => began + receiver.received.length * 30 * HOUR;
    const logged: Record<string, unknown>[] = [];
    const webhooks = desk.start({ now, log: (line) => logged.push(JSON.parse(line)) });
    webhooks.send(queued(5));
    await webhooks.idle();
    expect(await desk.find(hook.id)).toMatchObject({
      disabledAt: expect.any(String),
      disabledBecause: expect.stringMatching(/^nothing arrived since \S+Z; at last, it answered 500$/),
    });
    const said = logged.find(({ message }) => message === "a webhook is disabled: tell its owner");
    expect(said).toMatchObject({ level: "ERROR", webhook: hook.id, name: "Observatory" });

    webhooks.send(queued(6));
    await webhooks.idle();
    expect(receiver.received).toHaveLength(3);
    expect(webhooks.deadLetters.at(-1)).toMatchObject({
      body: queued(6),
      reason: expect.stringContaining("is disabled"),
    });
  });

  test("with 410 is not tried again: the receiver is gone", async () => {
    receiver.behave(410);
    const webhooks = await deliver(8);
    expect(receiver.received).toHaveLength(1);
    expect(webhooks.deadLetters).toHaveLength(1);
    expect((await desk.find(hook.id)).disabledBecause).toContain("410");
  });

  test("does not bring back the others of its batch", async () => {
    const { handler } = desk.start();
    const other = await desk.add(`${receiver.url}/other`, "Bureau");
    const down = await desk.add("http://localhost:1/", "Nobody");
    const record = (messageId: string, body: string) => ({
      ...{ messageId, body, receiptHandle: messageId, attributes: { ApproximateReceiveCount: "1" } },
    });
    const Records = [
      record("a", queued(9)),
      record("b", queued(9, down.id)),
      record("c", "not JSON"),
      record("d", queued(9, other.id)),
    ];
    const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 30_000 };
    const answer = await handler({ Records }, context as Parameters<typeof handler>[1]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "b" }] });
    expect(receiver.received.map(({ path }) => path).sort()).toEqual([`/hook/${hooks}`, "/hook/other"]);
    expect((await desk.find(down.id)).lastFailure).toBe("no connection came about, or it broke (ECONNREFUSED)");
  });
});

describe("a message that cannot be", () => {
  test("be read is a dead letter at once", async () => {
    const partial = ['{"webhook":"hook-1"}', '{"webhook":1,"release":1,"id":"a","body":"b"}'];
    const bodies = ["", "null", "[]", "not JSON", ...partial];
    const webhooks = desk.start();
    for (const body of bodies) webhooks.send(body);
    await webhooks.idle();
    const reason = expect.stringMatching(/^the message is not/);
    expect(webhooks.deadLetters).toHaveLength(bodies.length);
    expect(webhooks.deadLetters).toEqual(expect.arrayContaining(bodies.map((body) => ({ body, reason }))));
  });

  test("for a webhook that was removed is forgotten", async () => {
    await desk.register.remove(hook.id, callScope());
    const webhooks = await deliver(3);
    expect([receiver.received, webhooks.deadLetters]).toEqual([[], []]);
  });

  test("for an unexpected failure of ours comes again, and counts for nothing against the partner", async () => {
    let calls = 0;
    const webhooks = desk.start({}, async ({ command }, send) => {
      calls += 1;
      if (calls === 1 && command === "GetItemCommand") throw new Error("the table is on fire");
      return send();
    });
    webhooks.send(queued(3));
    await webhooks.idle();
    expect(receiver.received).toHaveLength(1);
    expect(await desk.find(hook.id)).toMatchObject({ delivered: [3], failures: 0 });
  });

  test("be noted has arrived all the same, and is not sent twice", async () => {
    const webhooks = desk.start({}, async ({ command }, send) => {
      if (command === "PutItemCommand") throw new Error("the table is on fire");
      return send();
    });
    webhooks.send(queued(3));
    await webhooks.idle();
    expect(receiver.received).toHaveLength(1);
  });
});

describe("a secret that is rotated", () => {
  test("signs beside the new one until its time is up", async () => {
    const rotated = await desk.register.rotate(hook.id, { key: KEYS.newest, overlapMs: HOUR }, callScope());
    const next = KEYS.secretOf(hook.id, rotated.signsWith);
    expect(next).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(next).not.toBe(hook.secret);
    await deliver(1);
    await deliver(2, { now: () => Date.now() + 2 * HOUR });
    const [during, after] = receiver.received;
    if (!during || !after) throw new Error("nothing arrived");
    expect(during.headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
    expect([verified(hook.secret, during), verified(next, during)]).toEqual([{ release: 1 }, { release: 1 }]);
    const { "webhook-id": id = "", "webhook-timestamp": timestamp, "webhook-signature": signature } = after.headers;
    expect(signature).toBe(new Webhook(next).sign(String(id), new Date(Number(timestamp) * 1000), after.body));
  });

  test("twice at the same time goes through twice: no writer overwrites what it has not seen", async () => {
    const rotate = () => desk.register.rotate(hook.id, { key: "k1", overlapMs: HOUR }, callScope());
    const versions = (await Promise.all([rotate(), rotate(), rotate()])).map(({ signsWith }) => signsWith.version);
    expect(versions.sort()).toEqual([2, 3, 4]);
  });
});
