import { randomBytes } from "node:crypto";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKeyOf, hashOfApiKey } from "../../portal/partners/api-key.ts";
import type { KeyRegister } from "../../portal/partners/key-register.ts";
import { KeyRing } from "../../portal/partners/key-ring.ts";
import { callScope } from "../../portal/store/calls.ts";
import { Store } from "../../portal/store/store.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { DAY, issue, MINUTE, NOON, PATIENT, registerOf, stoppedClock } from "./support/register.ts";

const refused = (message: string) => expect.objectContaining({ code: "BAD_USER_INPUT", message });

describe.each(engines)("keys on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  let clock: ReturnType<typeof stoppedClock>;
  let register: KeyRegister;
  let ring: KeyRing;
  /** Calls that the ring made. */
  let calls: string[];
  /** Whether they fail. */
  let fails: boolean;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
  });
  beforeEach(() => {
    clock = stoppedClock();
    register = registerOf(portal, clock.now);
    calls = [];
    fails = false;
    const client = portal.client((call, send) => {
      calls.push(call.command);
      if (fails) throw Object.assign(new Error("slow down"), { name: "ThrottlingException" });
      return send();
    });
    const store = new Store({ client, tables: portal.tables });
    ring = new KeyRing({ store, table: portal.tables.partners, now: clock.now, patienceMs: PATIENT });
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  const itemOf = async (key: string) => {
    const Key = { keyHash: { S: hashOfApiKey(key) } };
    return (await portal.client().send(new GetItemCommand({ TableName: portal.tables.partners, Key }))).Item;
  };
  const stateOf = async (key: string) => (await ring.standingOf(key, callScope())).state;

  test("are known by name, plan, scopes and end; nothing that is stored holds the key", async () => {
    const { key, record } = await issue(register, { scopes: ["query"] });
    expect(await ring.standingOf(key, callScope())).toEqual({ state: "VALID", record });
    expect(record).toMatchObject({
      name: "Observatory",
      plan: "standard",
      scopes: ["query"],
      validUntil: "2025-06-01T12:00:00.000Z",
    });
    const item = await itemOf(key);
    expect(JSON.stringify(item)).not.toContain(key.slice(4, 20));
    // DynamoDB deletes by this attribute: long after the end, which is told by time.
    expect(item?.expiresAt?.N).toBe(`${(NOON + (365 + 90) * DAY) / 1000}`);
  });

  test("are read once in half a minute, by all who ask meanwhile together", async () => {
    const { key } = await issue(register);
    expect(await Promise.all([stateOf(key), stateOf(key), stateOf(key)])).toEqual(["VALID", "VALID", "VALID"]);
    clock.pass(29_999);
    await stateOf(key);
    expect(calls).toEqual(["GetItemCommand"]);
    clock.pass(1);
    await stateOf(key);
    expect(calls).toEqual(["GetItemCommand", "GetItemCommand"]);
  });

  test("that are guessed cost a read in ten seconds; that cannot be keys cost none", async () => {
    const guess = apiKeyOf(randomBytes(32));
    for (let i = 0; i < 5; i += 1) expect(await stateOf(guess)).toBe("UNKNOWN");
    expect(calls).toHaveLength(1);
    for (const text of ["", "gzt_", guess.slice(0, -1), `${guess}x`, "bucket:key-1", "key-1"]) {
      expect(await stateOf(text)).toBe("UNKNOWN");
    }
    expect(calls).toHaveLength(1);
    clock.pass(10_000);
    await stateOf(guess);
    expect(calls).toHaveLength(2);
  });

  test("are over within a minute of being revoked, and stay so", async () => {
    const { key, record } = await issue(register);
    expect(await stateOf(key)).toBe("VALID");
    const revoked = await register.revoke(record.keyId, callScope());
    expect(revoked.revokedAt).toBe("2024-06-01T12:00:00.000Z");
    clock.pass(MINUTE / 2);
    expect(await stateOf(key)).toBe("REVOKED");
    expect(await register.revoke(record.keyId, callScope())).toEqual(revoked);
    await expect(register.rotate(record.keyId, { overlapMs: DAY }, callScope())).rejects.toEqual(
      refused(`key ${record.keyId} is revoked; create a new one`),
    );
  });

  test("that were found are believed for a minute where the table fails, and no longer", async () => {
    const { key } = await issue(register);
    expect(await stateOf(key)).toBe("VALID");
    fails = true;
    clock.pass(MINUTE - 1);
    expect(await stateOf(key)).toBe("VALID");
    clock.pass(1);
    await expect(stateOf(key)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    fails = false;
    expect(await stateOf(key)).toBe("VALID");
  });

  test("that are over are not believed because the table fails", async () => {
    const { key } = await issue(register, { lifetimeMs: MINUTE - 2 });
    expect(await stateOf(key)).toBe("VALID");
    fails = true;
    clock.pass(MINUTE - 1);
    expect(await stateOf(key)).toBe("EXPIRED");
  });

  test("are over at their end, to the millisecond and whether or not the item is still there", async () => {
    const { key, record } = await issue(register, { lifetimeMs: 20_000 });
    clock.pass(19_999);
    expect(await stateOf(key)).toBe("VALID");
    clock.pass(1);
    expect(await stateOf(key)).toBe("EXPIRED");
    await expect(register.rotate(record.keyId, { overlapMs: DAY }, callScope())).rejects.toEqual(
      refused(`key ${record.keyId} is expired; create a new one`),
    );
  });

  test("without an end are valid until they are revoked", async () => {
    const { key, record } = await issue(register, { lifetimeMs: null });
    clock.pass(10_000 * DAY);
    expect(await stateOf(key)).toBe("VALID");
    expect(await itemOf(key)).not.toHaveProperty("expiresAt");
    await register.revoke(record.keyId, callScope());
    clock.pass(MINUTE);
    expect(await stateOf(key)).toBe("REVOKED");
  });

  test("that are rotated are both valid for a while and share a bucket", async () => {
    const first = await issue(register, { scopes: ["query"] });
    clock.pass(100 * DAY);
    const second = await register.rotate(first.record.keyId, { overlapMs: 7 * DAY }, callScope());
    const { bucket, name, plan, scopes } = first.record;
    expect(second.record).toMatchObject({ bucket, name, plan, scopes });
    expect(second.record.keyId).not.toBe(first.record.keyId);
    // It lives as long as the first was meant to.
    expect(second.record.validUntil).toBe(new Date(NOON + 465 * DAY).toISOString());
    expect(second.old).toMatchObject({ replacedBy: second.record.keyId });
    expect([await stateOf(first.key), await stateOf(second.key)]).toEqual(["VALID", "VALID"]);
    clock.pass(7 * DAY - 1);
    expect([await stateOf(first.key), await stateOf(second.key)]).toEqual(["VALID", "VALID"]);
    clock.pass(1);
    expect([await stateOf(first.key), await stateOf(second.key)]).toEqual(["EXPIRED", "VALID"]);
  });

  test("do not live longer for being rotated, and are rotated once", async () => {
    const { record } = await issue(register, { lifetimeMs: DAY });
    const { old, record: next } = await register.rotate(record.keyId, { overlapMs: 7 * DAY }, callScope());
    expect(old.validUntil).toBe(record.validUntil);
    await expect(register.rotate(record.keyId, { overlapMs: DAY }, callScope())).rejects.toEqual(
      refused(`key ${record.keyId} was rotated already, into ${next.keyId}`),
    );
  });

  test("that are rotated while somebody revokes them stay revoked", async () => {
    const { key, record } = await issue(register);
    const rival = registerOf(portal, clock.now);
    let revoked = false;
    const client = portal.client(async (call, send) => {
      if (call.command === "PutItemCommand" && !revoked) {
        revoked = true;
        await rival.revoke(record.keyId, callScope());
      }
      return send();
    });
    const slow = registerOf({ ...portal, store: new Store({ client, tables: portal.tables }) }, clock.now);
    await expect(slow.rotate(record.keyId, { overlapMs: DAY }, callScope())).rejects.toEqual(
      refused(`key ${record.keyId} was revoked by somebody else meanwhile`),
    );
    expect(await stateOf(key)).toBe("REVOKED");
  });

  test("are listed by name and age without reading anything else of the table", async () => {
    const b = await issue(register, { name: "Listed, second" });
    const a = await issue(register, { name: "Listed, first", plan: "bulk" });
    clock.pass(1);
    const { record: c } = await register.rotate(a.record.keyId, { overlapMs: DAY }, callScope());
    const scope = callScope();
    const listed = (await register.list(scope)).filter(({ name }) => name.startsWith("Listed"));
    expect(listed.map(({ keyId }) => keyId)).toEqual([a.record.keyId, c.keyId, b.record.keyId]);
    expect(scope.meter.operations).toEqual(["Query", "BatchGetItem"]);
    expect(listed[0]).toMatchObject({ replacedBy: c.keyId, lastChargedAt: null });
  });

  test("are not made for names and scopes that cannot be", async () => {
    await expect(issue(register, { name: " " })).rejects.toEqual(refused("a name has 1 to 100 characters"));
    await expect(issue(register, { name: "x".repeat(101) })).rejects.toEqual(refused("a name has 1 to 100 characters"));
    await expect(issue(register, { plan: "basic", scopes: ["query", "export"] })).rejects.toEqual(
      refused("the plan basic has no scope export"),
    );
    await expect(issue(register, { scopes: [] })).rejects.toEqual(
      refused("a key without a scope would be good for nothing"),
    );
    await expect(register.revoke("key-0", callScope())).rejects.toEqual(refused("there is no key key-0"));
    expect((await register.list(callScope())).filter(({ plan }) => plan === "basic")).toEqual([]);
  });
});
