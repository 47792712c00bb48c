import { CursorSeal } from "../../../portal/paging/cursor.ts";
import { CURSOR_KEYS } from "../../support/portal.ts";
import { type Attack, badInput, events, post } from "../attack.ts";

const REGIONS = "query ($after: String) { regions(first: 2, after: $after) { nodes { id } } }";

/** A cursor with one byte of what was sealed another one. */
function flipped(cursor: string, at: number): string {
  const [id, sealed = ""] = cursor.split(".");
  const bytes = Buffer.from(sealed, "base64url");
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return `${id}.${bytes.toString("base64url")}`;
}

/** @param cursor an honest one of the list of regions. */
export function cursorAttacks(cursor: string): readonly Attack[] {
  const [id = "", sealed = ""] = cursor.split(".");
  const bytes = Buffer.from(sealed, "base64url");
  const foreign = new CursorSeal([{ id, secret: new Uint8Array(32).fill(9) }]);
  const own = new CursorSeal(CURSOR_KEYS);
  const tampered: Record<string, string> = {
    "one bit of the nonce": flipped(cursor, 0),
    "the last bit of the nonce": flipped(cursor, 11),
    "one bit of the position": flipped(cursor, 12),
    "one bit of the tag": flipped(cursor, -1),
    "the first bit of the tag": flipped(cursor, -16),
    "a byte less": `${id}.${bytes.subarray(0, -1).toString("base64url")}`,
    "a byte more": `${id}.${Buffer.concat([bytes, Buffer.of(0)]).toString("base64url")}`,
    "half of it": cursor.slice(0, cursor.length / 2),
    "the same in other base64": `${id}.${sealed}=`,
    "the same with a space": `${cursor} `,
    "twice over": `${cursor}.${cursor}`,
    "another key's name": `other.${sealed}`,
    "no key's name": sealed,
    "a name of objects": `__proto__.${sealed}`,
    "a key of somebody else": foreign.seal("x", "y"),
    "a position of ours in another list": own.seal("WORLD/ZZ/#region:ZZ", "changes"),
    "a position in clear": "WORLD/ZZ/#region:ZZ",
    "an offset": "20",
    "an offset in base64": Buffer.from("arrayconnection:20").toString("base64"),
    JSON: '{"offset":20}',
    NUL: "\u0000",
    nothing: "",
    "100 KB": `${id}.${"A".repeat(100 * 1024)}`,
    "half of a surrogate pair": "\ud800",
    "only a tag": `${id}.${Buffer.alloc(28).toString("base64url")}`,
    "too short for a tag": `${id}.AAAA`,
  };
  return events(
    badInput("after"),
    Object.fromEntries(
      Object.entries(tampered).map(([name, after]) => [
        `a cursor: ${name}`,
        post({ query: REGIONS, variables: { after } }),
      ]),
    ),
  );
}
