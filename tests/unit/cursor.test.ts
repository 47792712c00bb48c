import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CursorSeal } from "../../portal/paging/cursor.ts";
import { holds } from "../support/properties.ts";

const key = (id: string, fill: number) => ({ id, secret: new Uint8Array(32).fill(fill) });
const [older, newer] = [key("old", 1), key("new", 2)];
const seal = new CursorSeal([newer]);
const positions = fc.string({ unit: "grapheme", maxLength: 100 });
const lists = fc.string({ maxLength: 60 });
const refused = expect.objectContaining({ code: "BAD_USER_INPUT", argument: "after" });

describe("a cursor", () => {
  test("opens to the position that it was sealed for", () => {
    holds(
      fc.property(positions, lists, (position, list) => {
        expect(seal.open(seal.seal(position, list), list, "after")).toBe(position);
      }),
    );
  });

  test("shows nothing of its position or its list", () => {
    const cursor = seal.seal("WORLD/CN/52/#zhuminsheng", "platforms");
    expect(cursor).toMatch(/^new\.[\w-]+$/);
    expect(Buffer.from(cursor.slice(4), "base64url").toString("latin1")).not.toContain("zhuminsheng");
  });

  test("of the same position in the same list is the same every time", () => {
    expect(new CursorSeal([newer]).seal("here", "list")).toBe(seal.seal("here", "list"));
    expect(seal.seal("here", "other list")).not.toBe(seal.seal("here", "list"));
  });

  test("of another list does not open", () => {
    holds(
      fc.property(positions, lists, lists, (position, list, other) => {
        fc.pre(list !== other);
        expect(() => seal.open(seal.seal(position, list), other, "after")).toThrow(refused);
      }),
    );
  });

  test("with any character changed does not open", () => {
    const changed = fc.tuple(positions, fc.nat(), fc.constantFrom(..."Aa0-_.=+/ é"));
    holds(
      fc.property(changed, ([position, at, character]) => {
        const cursor = seal.seal(position, "list");
        const place = at % cursor.length;
        fc.pre(cursor[place] !== character);
        const forged = `${cursor.slice(0, place)}${character}${cursor.slice(place + 1)}`;
        expect(() => seal.open(forged, "list", "after")).toThrow(refused);
      }),
      500,
    );
  });

  test("that is cut or lengthened does not open", () => {
    const cursor = seal.seal("here", "list");
    for (let length = 0; length < cursor.length; length += 1) {
      expect(() => seal.open(cursor.slice(0, length), "list", "after")).toThrow(refused);
    }
    for (const more of ["A", "AAAA", ".", "=", "\n", `.${cursor}`]) {
      expect(() => seal.open(cursor + more, "list", "after")).toThrow(refused);
    }
  });

  test.for(["", ".", "new", "new.", "new.AAAA", "none.AAAA", "NQ=="])("%j is none", (text) => {
    expect(() => seal.open(text, "list", "after")).toThrow(refused);
  });
});

describe("when keys are rotated", () => {
  const before = new CursorSeal([older]);
  const during = new CursorSeal([newer, older]);
  const after = new CursorSeal([newer]);

  test("cursors of the old key still open while it is kept", () => {
    expect(during.open(before.seal("here", "list"), "list", "after")).toBe("here");
  });

  test("new cursors are sealed with the new key", () => {
    expect(after.open(during.seal("here", "list"), "list", "after")).toBe("here");
  });

  test("cursors of a key that is gone do not open", () => {
    expect(() => after.open(before.seal("here", "list"), "list", "after")).toThrow(refused);
  });

  test("a key of the same id with another secret opens nothing", () => {
    const other = new CursorSeal([key("old", 3)]);
    expect(() => other.open(before.seal("here", "list"), "list", "after")).toThrow(refused);
  });
});

describe("keys", () => {
  test.for([
    ["none at all", []],
    ["a secret that is too short", [{ id: "a", secret: randomBytes(31) }]],
    ["an empty id", [{ id: "", secret: randomBytes(32) }]],
    ["an id with a dot", [{ id: "a.b", secret: randomBytes(32) }]],
    ["one bad among good", [newer, { id: "b", secret: new Uint8Array() }]],
  ] as const)("%s stop the start", ([, keys]) => {
    expect(() => new CursorSeal(keys)).toThrow(/cursor/);
  });
});
