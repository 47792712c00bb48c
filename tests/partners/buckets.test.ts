import { randomUUID } from "node:crypto";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Buckets, type Charge } from "../../portal/partners/buckets.ts";
import type { PartnerCaller } from "../../portal/partners/caller.ts";
import { PLANS } from "../../portal/partners/plans.ts";
import { callScope } from "../../portal/store/calls.ts";
import { Store } from "../../portal/store/store.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { type Intercept, openPortal, type TestPortal } from "../support/portal.ts";
import { issue, MINUTE, NOON, PATIENT, registerOf, stoppedClock } from "./support/register.ts";

const plan = PLANS.basic;
const largest = plan.maxRequestCost;
const fills = plan.costPerMinute / largest;

describe.each(engines)("buckets on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  let clock: ReturnType<typeof stoppedClock>;
  let calls: string[];
  let partner: PartnerCaller;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
  });
  beforeEach(() => {
    clock = stoppedClock();
    calls = [];
    const keyId = randomUUID();
    partner = { kind: "partner", keyId, bucket: keyId, plan: "basic", scopes: ["query"] };
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  const bucketItem = () => ({ keyHash: { S: `bucket:${partner.bucket}` } });
  const stored = async () => {
    const request = { TableName: portal.tables.partners, Key: bucketItem() };
    return (await portal.client().send(new GetItemCommand(request))).Item;
  };

  /** What one instance of a function has; its calls are noted and go through `intercept`. */
  function instance(intercept: Intercept = (_call, send) => send()) {
    const client = portal.client((call, send) => {
      calls.push(call.command);
      return intercept(call, send);
    });
    const store = new Store({ client, tables: portal.tables });
    const buckets = new Buckets({ store, table: portal.tables.partners, now: clock.now, patienceMs: PATIENT });
    return (cost: number): Promise<Charge> => buckets.charge(partner, cost, callScope());
  }

  const remainingOf = (charge: Charge) => (charge.kind === "unmetered" ? [] : charge.levels.map((l) => l.remaining));

  test("are charged by one write per request, and refuse without a call when they are full", async () => {
    const charge = instance();
    for (let i = 1; i <= fills; i += 1) {
      const charged = await charge(largest);
      expect(charged.kind).toBe("charged");
      expect(remainingOf(charged)).toEqual([plan.costPerMinute - i * largest, plan.costPerDay - i * largest]);
    }
    expect(calls).toEqual(Array(fills).fill("UpdateItemCommand"));
    expect(await charge(1)).toMatchObject({ kind: "refused", window: "minute", waitMs: 1 });
    expect(await charge(largest)).toMatchObject({ kind: "refused", window: "minute", waitMs: MINUTE / fills });
    expect(calls).toHaveLength(fills);
    clock.pass(MINUTE / fills);
    expect(await charge(largest)).toMatchObject({ kind: "charged" });
    expect(calls).toHaveLength(fills + 1);
  });

  test("are one for all instances", async () => {
    const [a, b] = [instance(), instance()];
    for (let i = 0; i < fills; i += 1) await a(largest);
    // Nothing is known here, so the bucket looks empty: the write does not go through, and the bucket is looked at.
    expect(await b(largest)).toMatchObject({ kind: "refused", window: "minute", waitMs: MINUTE / fills });
    expect(calls.slice(fills)).toEqual(["UpdateItemCommand", "GetItemCommand"]);
  });

  test("let a request through that could not be written, and charge it with the next", async () => {
    const [a, b] = [instance(), instance()];
    await a(largest);
    expect(await b(largest)).toMatchObject({ kind: "charged" });
    expect(calls).toEqual(["UpdateItemCommand", "UpdateItemCommand", "GetItemCommand"]);
    const next = await b(1);
    expect(remainingOf(next)[0]).toBe(plan.costPerMinute - 2 * largest - 1);
    expect(calls.slice(3)).toEqual(["UpdateItemCommand"]);
  });

  test("owe no more than one request, however seldom an instance is asked", async () => {
    const [busy, seldom] = [instance(), instance()];
    for (let round = 1; round <= 4; round += 1) {
      await busy(largest);
      calls = [];
      const charged = await seldom(100);
      // The first one is owed, the next one pays for both, and so on.
      expect(calls).toEqual(
        round % 2 ? ["UpdateItemCommand", "GetItemCommand"] : ["GetItemCommand", "UpdateItemCommand"],
      );
      const written = round * largest + (round % 2 ? round - 1 : round) * 100;
      const drained = ((round - 1) * 2 * MINUTE * plan.costPerDay) / 86_400_000;
      expect(remainingOf(charged)[1]).toBe(Math.floor(plan.costPerDay - written + drained));
      clock.pass(2 * MINUTE);
    }
  });

  test("hold what instances pour in at the same time, but for what each may owe", async () => {
    const instances = Array.from({ length: 4 }, () => instance());
    let admitted = 0;
    for (let round = 0; round < 6; round += 1) {
      const charges = await Promise.all(instances.map((charge) => charge(largest / 2)));
      admitted += charges.filter(({ kind }) => kind === "charged").length * (largest / 2);
    }
    expect(admitted).toBeGreaterThanOrEqual(plan.costPerMinute - largest);
    expect(admitted).toBeLessThanOrEqual(plan.costPerMinute + instances.length * largest);
  });

  test("of different partners have nothing to do with each other", async () => {
    const charge = instance();
    for (let i = 0; i < fills; i += 1) await charge(largest);
    partner = { ...partner, bucket: `${partner.bucket}-2` };
    expect(remainingOf(await charge(largest))[0]).toBe(plan.costPerMinute - largest);
  });

  test("keep the day's limit too", async () => {
    const dayDrainedAt = { N: `${(NOON + 86_400_000) * 1000}` };
    const Item = { ...bucketItem(), dayDrainedAt };
    await portal.client().send(new PutItemCommand({ TableName: portal.tables.partners, Item }));
    const charge = instance();
    const waitMs = (largest / plan.costPerDay) * 86_400_000;
    expect(await charge(largest)).toMatchObject({ kind: "refused", window: "day", waitMs });
    clock.pass(waitMs);
    expect(await charge(largest)).toMatchObject({ kind: "charged", levels: [{}, { remaining: 0 }] });
    expect(await stored()).toMatchObject({ dayDrainedAt: { N: `${(clock.now() + 86_400_000) * 1000}` } });
  });

  test("are forgotten by DynamoDB two days after they were last charged, and say when that was", async () => {
    const register = registerOf(portal, clock.now);
    const { record } = await issue(register, { plan: "basic" });
    partner = { ...partner, bucket: record.bucket };
    await instance()(1);
    expect(await stored()).toMatchObject({ expiresAt: { N: `${NOON / 1000 + 2 * 86_400}` } });
    expect((await register.list(callScope())).map(({ keyId, lastChargedAt }) => [keyId, lastChargedAt])).toEqual([
      [record.keyId, new Date(NOON).toISOString()],
    ]);
  });

  test.for(["ResourceNotFoundException", "ProvisionedThroughputExceededException", "Error"])(
    "let requests through when the table answers with %s, and say so",
    async (name) => {
      const charge = instance(() => {
        throw Object.assign(new Error("no table test-secret"), { name });
      });
      expect(await charge(largest)).toMatchObject({ kind: "unmetered", failure: expect.any(Error) });
    },
  );

  test("charge what is owed when the table answers again", async () => {
    let failing = false;
    const [a, b] = [
      instance(),
      instance((_call, send) => {
        if (failing) throw Object.assign(new Error("away"), { name: "ServiceUnavailable" });
        return send();
      }),
    ];
    await a(largest);
    await b(largest);
    failing = true;
    expect((await b(1)).kind).toBe("unmetered");
    failing = false;
    expect(remainingOf(await b(1))[0]).toBe(plan.costPerMinute - 2 * largest - 1);
  });
});
