import { PortalError } from "../../portal/errors.ts";
import { type Difference, DifferenceOf, type ObservationDifference } from "../mirror/difference.ts";
import { type FeedHeadline, PortalApi } from "../mirror/portal-api.ts";
import { count } from "../output/progress.ts";
import type { RemotePortal } from "./pull.ts";
import type { Result } from "./session.ts";

export interface DiffCommand {
  readonly name: "diff";
  /** 0 is before the first release. */
  readonly from: number;
  readonly to: number;
}

const SIGNS = { ADDED: "+", REVISED: "~", REMOVED: "-" } as const;

/** What two releases differ in: entities, and the headline of each observation. */
export async function diff({ from, to }: DiffCommand, portal: RemotePortal): Promise<Result> {
  const api = new PortalApi(portal);
  if (!(await api.entity("releases", `${to}`))) throw new PortalError("BAD_USER_INPUT", `there is no release ${to}`);
  const difference = new DifferenceOf();
  for await (const changes of api.changes(from, to)) for (const change of changes) difference.add(change);
  const result = difference.result();
  return { json: { from, to, ...result }, text: textOf(from, to, result) };
}

function textOf(from: number, to: number, { releases, entities, observations }: Difference): string {
  const heading = `From release ${from} to ${to}: ${counted(releases.length, "release")}, ${totals(entities, "entity", "entities")}; ${totals(observations, "observation")}.`;
  const things = entities.map(({ id, outcome }) => `${SIGNS[outcome]} ${id}`);
  const series = Map.groupBy(observations, (each) => each.series);
  const values = [...series].flatMap(([id, periods]) => ["", id, ...periods.map(lineOf)]);
  return [heading, ...(things.length > 0 ? ["", ...things] : []), ...values].join("\n");
}

function lineOf({ timePeriod, outcome, old, new: now }: ObservationDifference): string {
  const parts = [old, now].filter((headline) => headline !== null).map(headlineText);
  const [first, second] = parts;
  // The source is worth a word where it is another one.
  const source = old?.source === now?.source || outcome !== "REVISED" ? "" : `  (${old?.source} -> ${now?.source})`;
  return `  ${SIGNS[outcome]} ${timePeriod}  ${second === undefined ? first : `${first} -> ${second}`}${source}`;
}

function headlineText({ value, status }: FeedHeadline): string {
  if (value === null) return status;
  return status === "A" ? value : `${value} ${status}`;
}

function totals(all: readonly { readonly outcome: keyof typeof SIGNS }[], one: string, many = `${one}s`): string {
  const of = (outcome: keyof typeof SIGNS) => count(all.filter((each) => each.outcome === outcome).length);
  return `${many} ${of("ADDED")} added, ${of("REVISED")} revised, ${of("REMOVED")} removed`;
}

function counted(n: number, one: string): string {
  return `${count(n)} ${n === 1 ? one : `${one}s`}`;
}
