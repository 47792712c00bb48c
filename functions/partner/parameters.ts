import { badInput, type PortalError } from "../../portal/errors.ts";
import { shorten } from "../../portal/identifiers.ts";
import type { ReleaseRef } from "../../portal/snapshot.ts";

/** No parameter is longer than a cursor, and no cursor than this. */
const MAX_LENGTH = 1000;

/** The query of a request, each parameter once and of a known name: a misspelt filter must not be no filter. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  /** @throws PortalError `BAD_USER_INPUT` that names the parameter. */
  constructor(query: string, known: readonly string[]) {
    const values = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(query)) {
      if (!known.includes(name)) throw unknownParameter(name, known);
      if (values.has(name)) throw badInput(name, `${name} is given more than once`);
      if (value.length > MAX_LENGTH) throw badInput(name, `${name} is longer than ${MAX_LENGTH} characters`);
      // A variable of a script that was not set must not ask for everything.
      if (value === "") throw badInput(name, `${name} is empty; leave it out, or say what it is to be`);
      values.set(name, value);
    }
    this.#values = values;
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** All parameters in the order of their names: the same question is the same text, however it was written. */
  canonical(): string {
    return JSON.stringify([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    const found = allowed.find((each) => each.toLowerCase() === value?.toLowerCase());
    if (value === undefined || found !== undefined) return found;
    throw badInput(name, `${name} is one of ${allowed.join(", ")}, not "${shorten(value)}"`);
  }

  flag(name: string): boolean {
    return this.oneOf(name, ["true", "false"]) === "true";
  }

  wholeNumber(name: string, { least, most }: { least: number; most: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw badInput(name, `${name} is a whole number from ${least} to ${most}`);
  }

  /** A number is a release (`12`, `release:12`); anything else is for the core to read as a date. */
  release(name: string): ReleaseRef | undefined {
    const value = this.text(name)?.replace(/^release:/, "");
    if (value === undefined) return undefined;
    return /^\d{1,9}$/.test(value) ? Number(value) : value;
  }
}

function unknownParameter(name: string, known: readonly string[]): PortalError {
  const offered = known.length === 0 ? "there are none here" : `known here are ${known.join(", ")}`;
  return badInput(shorten(name), `there is no parameter "${shorten(name)}"; ${offered}`);
}
