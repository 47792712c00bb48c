import type { AnyEntity } from "../../portal/catalogue/entities.ts";
import { AGENCY_LEVELS, COMPLEX_KINDS, PLATFORM_KINDS, REGION_LEVELS } from "../../portal/catalogue/entities.ts";
import type { ListRequest } from "../../portal/catalogue/list-plan.ts";
import { badInput } from "../../portal/errors.ts";
import { type EntityType, requireIdOf } from "../../portal/identifiers.ts";
import type { Vintage } from "../../portal/series/resolution.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import { preferredType } from "../http/accept.ts";
import { Problem } from "./problem.ts";
import { type Asked, BASE_COST, JSON_TYPE, listBody, type Question, type Route } from "./request.ts";
import { entityJson } from "./resources.ts";

const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;

type Conditions = Pick<ListRequest, "kind" | "parent" | "historical"> & { readonly within?: string };

interface ListRoute {
  readonly name: string;
  readonly type: EntityType;
  readonly filters: readonly string[];
  readonly conditions: (asked: Asked) => Conditions;
}

/** No topic or language is longer, and the store refuses longer keys. */
const MAX_TEXT = 80;

const LISTS: readonly ListRoute[] = [
  {
    name: "regions",
    type: "region",
    filters: ["within", "level", "parent", "historical"],
    conditions: ({ parameters }) => ({
      ...given("within", parameters.text("within")),
      ...given("kind", parameters.oneOf("level", REGION_LEVELS)),
      ...given("parent", idOf("region", parameters.text("parent"), "parent")),
      ...(parameters.flag("historical") ? { historical: true } : {}),
    }),
  },
  {
    name: "agencies",
    type: "agency",
    filters: ["within", "level"],
    conditions: ({ parameters }) => ({
      ...given("within", parameters.text("within")),
      ...given("kind", parameters.oneOf("level", AGENCY_LEVELS)),
    }),
  },
  {
    name: "platforms",
    type: "platform",
    filters: ["within", "kind", "operator"],
    conditions: ({ parameters }) => ({
      ...given("within", parameters.text("within")),
      ...given("kind", parameters.oneOf("kind", PLATFORM_KINDS)),
      ...given("parent", idOf("agency", parameters.text("operator"), "operator")),
    }),
  },
  {
    name: "complexes",
    type: "complex",
    filters: ["within", "kind"],
    conditions: ({ parameters }) => ({
      ...given("within", parameters.text("within")),
      ...given("kind", parameters.oneOf("kind", COMPLEX_KINDS)),
    }),
  },
  {
    name: "metrics",
    type: "metric",
    filters: ["topic"],
    conditions: ({ parameters }) => given("kind", shortText(parameters.text("topic"), "topic")),
  },
  {
    name: "sources",
    type: "source",
    filters: ["language"],
    conditions: ({ parameters }) => given("kind", shortText(parameters.text("language"), "language")),
  },
  { name: "releases", type: "release", filters: [], conditions: () => ({}) },
];

/** `/v1/regions` and the like: a list of entities, and each of them by its id. */
export const listRoutes: readonly Route[] = LISTS.flatMap((list) => [
  {
    path: `/${list.name}`,
    parameters: [...list.filters, "limit", "after"],
    ask: (asked: Asked) => listQuestion(list, asked),
  },
  { path: `/${list.name}/{id}`, parameters: [], ask: (asked: Asked) => entityQuestion(list, asked) },
]);

function listQuestion({ name, type, conditions }: ListRoute, asked: Asked): Question {
  requireJson(asked.accept);
  const { parameters, cursors } = asked;
  const limit = parameters.wholeNumber("limit", { least: 1, most: MAX_LIMIT }) ?? DEFAULT_LIMIT;
  const { within, ...wanted } = conditions(asked);
  const region = idOf("region", within, "within");
  const list = JSON.stringify(["/v1", name, region ?? null, wanted]);
  const cursor = parameters.text("after");
  const after = cursor === undefined ? undefined : cursors.open(cursor, list, "after");
  const request = { type, ...wanted, order: { field: "REGION", descending: false } } as const;
  return {
    cost: BASE_COST + limit,
    contentType: JSON_TYPE,
    answer: async (snapshot) => {
      const path = await pathOf(snapshot, region);
      // A region that does not exist has nothing in it.
      if (path === null) return { body: listBody([], null), next: null };
      const page = { limit, backward: false, ...given("after", after) };
      const { entries, hasNextPage } = await snapshot.list({ ...request, ...given("within", path) }, page);
      const last = hasNextPage ? entries.at(-1) : undefined;
      const next = last ? cursors.seal(last.position, list) : null;
      return {
        body: listBody(
          entries.map(({ node }) => entityJson(node)),
          next,
        ),
        next,
      };
    },
  };
}

function entityQuestion({ name, type }: ListRoute, { path, accept }: Asked): Question {
  requireJson(accept);
  const id = requireIdOf(type, path.id ?? "", "id");
  return {
    cost: BASE_COST,
    contentType: JSON_TYPE,
    answer: async (snapshot) => {
      const entity = (await snapshot.entity(id)) as AnyEntity | null;
      if (entity) return { body: JSON.stringify(entityJson(entity)), next: null };
      throw new Problem(404, "NOT_FOUND", `There is no ${id} among the ${name}.`);
    },
  };
}

/** undefined for everywhere, null for a region that there is not. */
export async function pathOf(
  snapshot: Snapshot,
  region: `region:${string}` | undefined,
  vintage: Vintage = snapshot.vintage,
): Promise<string | undefined | null> {
  if (region === undefined) return undefined;
  return (await snapshot.entity<"region">(region, vintage))?.body.path ?? null;
}

/** @throws Problem 406 for a client that does not take JSON. */
export function requireJson(accept: string | undefined): void {
  if (preferredType(accept, [JSON_TYPE]) !== undefined) return;
  throw new Problem(406, "NOT_ACCEPTABLE", "The answer is application/json; the Accept header does not allow it.");
}

function idOf<T extends EntityType>(type: T, text: string | undefined, parameter: string) {
  return text === undefined ? undefined : requireIdOf(type, text, parameter);
}

function shortText(text: string | undefined, parameter: string): string | undefined {
  if ((text ?? "").length <= MAX_TEXT) return text;
  throw badInput(parameter, `${parameter} has at most ${MAX_TEXT} characters`);
}

/** Leaves out what was not asked for: the core tells "absent" from "undefined". */
function given<K extends string, V>(name: K, value: V | null | undefined): { [P in K]?: V } {
  return (value == null ? {} : { [name]: value }) as { [P in K]?: V };
}
