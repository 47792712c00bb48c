import { type EntityType, entityId, isLocalId, localIdRule } from "../../identifiers.ts";
import { isPartialDate } from "../../series/civil-date.ts";
import { OBSERVATION_STATUSES, type ObservationStatus } from "../../series/claims.ts";
import { canonicalDecimal, MAX_DIGITS } from "../../series/decimal.ts";
import { parseTimePeriod, type TimePeriod } from "../../series/time-period.ts";
import type { ProblemCode } from "../problems.ts";

/** What is wrong with a cell. */
export class CellProblem {
  readonly code: ProblemCode;
  readonly message: string;

  constructor(code: ProblemCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Checks the text of a cell that is not empty: the value to keep, or what is wrong. */
export type CellRule<Value = string> = (text: string) => Value | CellProblem;

function invalid(message: string): CellProblem {
  return new CellProblem("INVALID_VALUE", message);
}

export function text(maxLength: number): CellRule {
  return (cell) => {
    if (cell.length > maxLength) return new CellProblem("TOO_LONG", `longer than ${maxLength} characters`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.test(cell)) {
      return invalid("holds a control character, or bytes that are not UTF-8");
    }
    return cell;
  };
}

export function localId(type: EntityType): CellRule {
  return (cell) => (isLocalId(type, cell) ? cell : invalid(`a ${type} id is ${localIdRule(type)}`));
}

/** A reference to another entity, kept as a global id. */
export function reference(type: EntityType): CellRule {
  return (cell) => (isLocalId(type, cell) ? entityId(type, cell) : invalid(`a ${type} id is ${localIdRule(type)}`));
}

/** References parted by spaces. */
export function references(type: EntityType): CellRule<string[]> {
  return (cell) => {
    const ids = cell.split(/\s+/);
    const bad = ids.find((id) => !isLocalId(type, id));
    return bad === undefined ? ids.map((id) => entityId(type, id)) : invalid(`"${bad}" is no ${type} id`);
  };
}

export function oneOf<Value extends string>(values: readonly Value[]): CellRule<Value> {
  return (cell) => values.find((value) => value === cell) ?? invalid(`one of ${values.join(", ")}`);
}

export const partialDate: CellRule = (cell) =>
  isPartialDate(cell) ? cell : invalid("a date is 2018, 2018-03 or 2018-03-06");

export const yes: CellRule<true> = (cell) => (cell === "true" ? true : invalid("true, or empty"));

const ADDRESS = text(2048);

export const url: CellRule = (cell) => {
  const address = ADDRESS(cell);
  if (address instanceof CellProblem) return address;
  if (/\s/.test(cell)) return invalid("an http or https address");
  const protocol = URL.canParse(cell) ? new URL(cell).protocol : "";
  return protocol === "http:" || protocol === "https:" ? cell : invalid("an http or https address");
};

export const languageTag: CellRule = (cell) =>
  /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(cell) ? cell : invalid("a language tag such as en or zh-Hant");

/** The form of UCUM codes, whose parts may be annotated in braces, and of ISO 4217's currencies. Which units there are is not checked. */
export const unit: CellRule = (cell) =>
  cell.length <= 40 && /^(?:[A-Za-z0-9%'"[\]_*^./()+-]|\{[^{}\s][^{}]*\})+$/.test(cell)
    ? cell
    : invalid("a unit is a UCUM or ISO 4217 code, or what is counted, in braces: TB, %, CNY, {platform}");

export const iso3166: CellRule = (cell) =>
  /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/.test(cell) ? cell : invalid("an ISO 3166 code such as CN or CN-GZ");

export const decimal: CellRule = (cell) =>
  canonicalDecimal(cell) ?? invalid(`a decimal number of at most ${MAX_DIGITS} digits, as 8470000000 or -0.25`);

/** Files repeat their periods in every series: as many as this are remembered. */
const REMEMBERED_PERIODS = 20_000;
const rememberedPeriods = new Map<string, TimePeriod>();

export const timePeriod: CellRule<TimePeriod> = (cell) => {
  const known = rememberedPeriods.get(cell);
  if (known) return known;
  const period = parseTimePeriod(cell);
  if (!period) return invalid("a time period is 2020, 2020-S1, 2020-Q3, 2020-09, 2020-W36 or 2020-09-14");
  if (rememberedPeriods.size < REMEMBERED_PERIODS) rememberedPeriods.set(cell, period);
  return period;
};

/** Statuses are accepted as words or as SDMX codes. */
const STATUS_WORDS: Readonly<Record<string, ObservationStatus>> = {
  ACTUAL: "A",
  NORMAL: "A",
  PROVISIONAL: "P",
  PRELIMINARY: "P",
  ESTIMATE: "E",
  ESTIMATED: "E",
  FORECAST: "F",
  TARGET: "T",
  IMPOSSIBLE: "M",
  MISSING: "O",
  WITHHELD: "Q",
};

export const observationStatus: CellRule<ObservationStatus> = (cell) =>
  OBSERVATION_STATUSES.find((code) => code === cell) ??
  (Object.hasOwn(STATUS_WORDS, cell) ? STATUS_WORDS[cell] : undefined) ??
  invalid(`a status is one of ${OBSERVATION_STATUSES.join(", ")} or ${Object.keys(STATUS_WORDS).join(", ")}`);
