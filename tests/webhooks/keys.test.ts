import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseWebhookKeys } from "../../functions/environment.ts";
import { rotate } from "../../infra/secrets/rotate-webhook-keys.ts";
import { WebhookKeys } from "../../portal/partners/webhook-keys.ts";

const keysOf = (secret: object) => new WebhookKeys(parseWebhookKeys(JSON.stringify(secret)));
const key = () => randomBytes(32).toString("base64url");

describe("the secret of a webhook", () => {
  const keys = keysOf({ seals: "k1", k1: key(), k2: key() });

  test("is its own, the rotation's own and the key's own, and always the same", () => {
    const secrets = ["hook-1", "hook-2", "hook-11"].flatMap((id) =>
      ["k1", "k2"].flatMap((of) => [1, 2, 11].map((version) => keys.secretOf(id, { key: of, version }))),
    );
    expect(new Set(secrets).size).toBe(18);
    expect(keys.secretOf("hook-1", { key: "k1", version: 1 })).toBe(secrets[0]);
  });

  test("outlives rotations of the keys, until its own is dropped", () => {
    const secret = { seals: "k1", k1: key() };
    const first = keysOf(secret);
    const mine = { key: first.newest, version: 1 };
    const known = rotate(secret);
    const used = rotate(rotate(rotate(known)));
    expect([first, keysOf(known), keysOf(used)].map(({ newest }) => newest)).toEqual(["k1", "k1", "k4"]);
    expect(Object.keys(used)).toEqual(["seals", "k1", "k2", "k3", "k4", "k5"]);
    expect(keysOf(used).secretOf("hook-1", mine)).toBe(first.secretOf("hook-1", mine));
    const without = keysOf(rotate(used, ["k1", "k2"]));
    expect(() => without.secretOf("hook-1", mine)).toThrow(
      "the key k1, which the secret of hook-1 is made from, is gone",
    );
  });
});

test("a rotation of the keys refuses what would leave webhooks without one", () => {
  const secret = { seals: "k1", k1: key(), k2: key() };
  expect(() => rotate(secret, ["k2"])).toThrow('the key "k2" cannot be dropped');
  expect(() => rotate(secret, ["k3"])).toThrow('the secret has no key "k3" to be dropped');
  expect(() => rotate({ ...secret, seals: "k9" })).toThrow('the secret has no key "k9", which is to seal');
  expect(() => rotate({ ...secret, mine: key() })).toThrow('"mine" is no id of a webhook key');
});

test.for([
  ["not JSON", "the secret of the webhook keys is not JSON"],
  ["{}", "the secret of the webhook keys has no key that seals"],
  ['{"seals":"k2","k1":"a"}', "the secret of the webhook keys has no key that seals"],
  ['{"seals":"k1","k1":"c2hvcnQ"}', "the key k1 of webhooks has less than 32 bytes"],
])("%s: %s", ([secret = "", message]) => {
  expect(() => new WebhookKeys(parseWebhookKeys(secret))).toThrow(message);
});
