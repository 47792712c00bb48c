import { describe, expect, test } from "vitest";
import { parseCursorKeys } from "../../functions/environment.ts";
import { type CursorKeySecret, rotate } from "../../infra/secrets/rotate-cursor-keys.ts";
import { CursorSeal } from "../../portal/paging/cursor.ts";

/** As Secrets Manager generates it: 43 letters and digits. */
const GENERATED = { seals: "k1", k1: "Zk3mQ9xT1vB7nL5cR2wY8pD4hG6jS0aFEuKiOtMzXqW" };

const idsOf = (secret: CursorKeySecret) => Object.keys(secret).filter((id) => id !== "seals");
const sealOf = (secret: CursorKeySecret) => new CursorSeal(parseCursorKeys(JSON.stringify(secret)));

/** The value after 0, 1, 2 … rotations. */
const history = Array.from({ length: 8 }).reduce<CursorKeySecret[]>(
  (values) => [...values, rotate(values.at(-1) as CursorKeySecret)],
  [GENERATED],
);

describe("cursor keys", () => {
  test("what Secrets Manager generates is a key of 32 bytes that seals", () => {
    const [key] = parseCursorKeys(JSON.stringify(GENERATED));
    expect(key?.id).toBe("k1");
    expect(key?.secret).toHaveLength(32);
  });

  test("the key that seals comes first, wherever it stands", () => {
    const keys = parseCursorKeys('{"k1":"AAAA","seals":"k2","k2":"BBBB","k3":"CCCC"}');
    expect(keys.map(({ id }) => id)).toEqual(["k2", "k1", "k3"]);
  });

  test.for(["not json: k1", "{}", '{"k1":"AAAA"}', '{"seals":"k2","k1":"AAAA"}'])(
    "%s is refused, unquoted",
    (secret) => {
      expect(() => parseCursorKeys(secret)).toThrow(
        /^the secret of the cursor keys (is not JSON|has no key that seals)$/,
      );
    },
  );
});

describe("rotation", () => {
  test("adds a key, lets the one before it seal, and drops the oldest", () => {
    expect(history.slice(0, 5).map((secret) => [secret.seals, idsOf(secret).join(" ")])).toEqual([
      ["k1", "k1"],
      ["k1", "k1 k2"],
      ["k2", "k1 k2 k3"],
      ["k3", "k2 k3 k4"],
      ["k4", "k3 k4 k5"],
    ]);
  });

  test("makes keys of 32 bytes that differ", () => {
    const last = history.at(-1) as CursorKeySecret;
    for (const { secret } of parseCursorKeys(JSON.stringify(last))) expect(secret).toHaveLength(32);
    expect(new Set(idsOf(last).map((id) => last[id])).size).toBe(3);
  });

  test("during one, functions with the value before and after open each other's cursors", () => {
    for (const [index, before] of history.slice(0, -1).entries()) {
      const after = history[index + 1] as CursorKeySecret;
      for (const [sealing, opening] of [
        [before, after],
        [after, before],
      ] as const) {
        const cursor = sealOf(sealing).seal("52|guizhou", "regions");
        expect(sealOf(opening).open(cursor, "regions", "after")).toBe("52|guizhou");
      }
    }
  });

  test("a cursor lives through one, and ends with the second or third", () => {
    for (const [index, secret] of history.slice(1, -3).entries()) {
      const cursor = sealOf(secret).seal("52|guizhou", "regions");
      const opens = history.slice(index + 1).map((later) => {
        try {
          return sealOf(later).open(cursor, "regions", "after") === "52|guizhou";
        } catch {
          return false;
        }
      });
      expect(opens.slice(0, 2)).toEqual([true, true]);
      expect(opens.slice(3)).not.toContain(true);
    }
  });

  test.for<[CursorKeySecret, string]>([
    [{ seals: "k2", k1: "" }, 'the secret has no key "k2", which is to seal'],
    [{ seals: "k1", k1: "", first: "" }, '"first" is no id of a cursor key'],
    [{}, '"" is no id of a cursor key'],
  ])("%j is not rotated", ([secret, message]) => {
    expect(() => rotate(secret)).toThrow(message);
  });
});
