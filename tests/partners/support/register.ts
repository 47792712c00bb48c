import { randomBytes } from "node:crypto";
import { type IssuedKey, KeyRegister, type NewKey } from "../../../portal/partners/key-register.ts";
import { callScope } from "../../../portal/store/calls.ts";
import type { TestPortal } from "../../support/portal.ts";

/** Noon of a day on which everything in these tests happens. */
export const NOON = Date.parse("2024-06-01T12:00:00Z");
export const MINUTE = 60_000;
export const DAY = 86_400_000;
/** Longer than any engine takes on a busy machine. */
export const PATIENT = 30_000;

/** A time that stands until it is moved. */
export function stoppedClock(at = NOON) {
  let time = at;
  const pass = (ms: number) => {
    time += ms;
  };
  return { now: () => time, pass };
}

export function registerOf({ store, tables }: TestPortal, now: () => number = Date.now): KeyRegister {
  return new KeyRegister({ store, table: tables.partners, now, randomBytes });
}

/** A key of the plan standard that is valid for a year, unless told otherwise. */
export function issue(register: KeyRegister, given: Partial<NewKey> = {}): Promise<IssuedKey> {
  return register.create({ name: "Observatory", plan: "standard", lifetimeMs: 365 * DAY, ...given }, callScope());
}
