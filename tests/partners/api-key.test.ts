import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { API_KEY_BYTES, apiKeyOf, hashOfApiKey, isApiKey } from "../../portal/partners/api-key.ts";
import { holds } from "../support/properties.ts";

const random = fc.uint8Array({ minLength: API_KEY_BYTES, maxLength: API_KEY_BYTES });
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

describe("an API key", () => {
  test("has a prefix, holds every bit that it was made of, and is known as one", () => {
    holds(
      fc.property(random, (bytes) => {
        const key = apiKeyOf(bytes);
        expect(key).toMatch(/^gzt_[0-9A-Za-z]{49}$/);
        expect(isApiKey(key)).toBe(true);
        const digits = [...key.slice(4, 47)];
        const value = digits.reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);
        expect(value).toBe(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
      }),
    );
  });

  test.for([0, 255])("can be made of 32 bytes of %i", (fill) => {
    expect(isApiKey(apiKeyOf(new Uint8Array(32).fill(fill)))).toBe(true);
  });

  test("with one character changed is none", () => {
    holds(
      fc.property(random, fc.nat(52), fc.constantFrom(...DIGITS, "_", "-", " "), (bytes, at, character) => {
        const key = apiKeyOf(bytes);
        fc.pre(key[at] !== character);
        expect(isApiKey(key.slice(0, at) + character + key.slice(at + 1))).toBe(false);
      }),
      1000,
    );
  });

  test("that is cut, lengthened or of another case is none", () => {
    const key = apiKeyOf(new Uint8Array(32).fill(7));
    for (let length = 0; length < key.length; length += 1) expect(isApiKey(key.slice(0, length))).toBe(false);
    for (const text of [`${key}0`, ` ${key}`, `${key}\n`, key.toUpperCase(), ""]) expect(isApiKey(text)).toBe(false);
  });

  test("is not made of fewer bits", () => {
    expect(() => apiKeyOf(new Uint8Array(31))).toThrow("32 random bytes");
  });

  test("is stored as its SHA-256", () => {
    const key = apiKeyOf(new Uint8Array(32).fill(7));
    expect(hashOfApiKey(key)).toBe(createHash("sha256").update(key).digest("hex"));
  });
});
