import { randomBytes } from "node:crypto";
import { API_KEY_BYTES, apiKeyOf } from "../../../portal/partners/api-key.ts";
import { type Attack, events, JSON_HEADERS, post, refused, times } from "../attack.ts";

const UNAUTHENTICATED = refused("UNAUTHENTICATED", 401);
const keyed = (headers: Record<string, string>) => post({ query: "{ __typename }" }, { ...JSON_HEADERS, ...headers });
/** Keys that are well formed; the chance that one is somebody's is 1 in 2^256. */
const guess = () => apiKeyOf(randomBytes(API_KEY_BYTES));

export const KEYS: readonly Attack[] = [
  ...events(
    UNAUTHENTICATED,
    Object.fromEntries(times(20, (i) => [`guessed key ${i + 1}`, keyed({ "x-api-key": guess() })])),
  ),
  ...events(UNAUTHENTICATED, {
    "a key that is none": keyed({ "x-api-key": "password" }),
    "an empty key": keyed({ "x-api-key": "" }),
    "a key with a wrong checksum": keyed({ "x-api-key": `${guess().slice(0, -1)}_` }),
    "a key of 100 KB": keyed({ "x-api-key": `gzt_${"A".repeat(100 * 1024)}` }),
    "NUL in a key": keyed({ "x-api-key": `${guess()}\u0000` }),
    "a key named __proto__": keyed({ "x-api-key": "__proto__" }),
    "the hash of a key": keyed({ "x-api-key": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }),
    "the key of a bucket": keyed({ "x-api-key": "bucket#basic" }),
    "a header in a key": keyed({ "x-api-key": "gzt_\r\nset-cookie: a=b" }),
    "a guessed bearer": keyed({ authorization: `Bearer ${guess()}` }),
    "a bearer without a key": keyed({ authorization: "Bearer " }),
    "a bearer that is a token of another kind": keyed({
      authorization: "Bearer eyJhbGciOiJub25lIn0.eyJhZG1pbiI6dHJ1ZX0.",
    }),
    "a name and a password": keyed({ authorization: "Basic YWRtaW46YWRtaW4=" }),
    "a scheme of nobody": keyed({ authorization: "Negotiate x" }),
    "two bearers": keyed({ authorization: `Bearer ${guess()},Bearer ${guess()}` }),
    "two keys": keyed({ authorization: `Bearer ${guess()}`, "x-api-key": guess() }),
    "a quote in a bearer": keyed({ authorization: 'Bearer ", error="none' }),
    "spaces for 50 KB": keyed({ authorization: `Bearer${" ".repeat(50 * 1024)}x y` }),
  }),
];
