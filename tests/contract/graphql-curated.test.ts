import { afterAll, beforeAll, describe } from "vitest";
import { openCuratedPortal } from "../support/curated.ts";
import type { Ask, TestPortal } from "../support/portal.ts";
import { describeDocumented } from "./curated/documented.ts";
import { describeEntities } from "./curated/entities.ts";
import { describeLists } from "./curated/lists.ts";
import { describeSeries } from "./curated/series.ts";

/** Publishing the curated releases takes seconds: one portal serves all tests that only ask. */
let portal: TestPortal;
beforeAll(async () => {
  portal = await openCuratedPortal();
});
afterAll(() => portal.close());

const ask: Ask = (query, variables, options) => portal.ask(query, variables, options);

describe("an entity of the curated data", () => describeEntities({ ask }));
describe("lists of the curated data", () => describeLists({ ask }));
describe("the series of the curated data", () => describeSeries({ ask }));
describe("what the documentation shows", () => describeDocumented({ ask }));
