import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ENTITY_TYPES,
  type EntityType,
  requireIdOf,
  requireNodeId,
  requireSubjectId,
  SUBJECT_TYPES,
  seriesId,
  shorten,
} from "../../portal/identifiers.ts";
import { FREQUENCIES } from "../../portal/series/time-period.ts";
import { holds } from "../support/properties.ts";

const names = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?$/);
const codes = fc.stringMatching(/^[A-Z0-9]([A-Z0-9-]{0,14}[A-Z0-9])?$/);
const numbers = fc.integer({ min: 1, max: 999_999_999 }).map(String);
const localIdOf = (type: EntityType) => (type === "region" ? codes : type === "release" ? numbers : names);
const entities = fc.constantFrom(...ENTITY_TYPES).chain((type) => fc.tuple(fc.constant(type), localIdOf(type)));
const subjects = fc.constantFrom(...SUBJECT_TYPES).chain((type) => fc.tuple(fc.constant(type), localIdOf(type)));

const refused = (argument: string) => expect.objectContaining({ code: "BAD_USER_INPUT", argument });

describe("an id of a known type", () => {
  test("is read with and without its prefix", () => {
    holds(
      fc.property(entities, ([type, localId]) => {
        expect(requireIdOf(type, localId, "id")).toBe(`${type}:${localId}`);
        expect(requireIdOf(type, `${type}:${localId}`, "id")).toBe(`${type}:${localId}`);
      }),
    );
  });

  test.for([
    ...(["", "Guiyang", "gui yang", "-guiyang", "guiyang-", "贵阳", "agency:x", "platform:", "a".repeat(81)] as const),
  ])("platform %j is refused", (text) => {
    expect(() => requireIdOf("platform", text, "id")).toThrow(refused("id"));
  });

  test.for(["", "cn", "52 01", "-52", "52-", "1".repeat(17), "region:", "platform:x"])(
    "region %j is refused",
    (text) => {
      expect(() => requireIdOf("region", text, "code")).toThrow(refused("code"));
    },
  );

  test.for(["0", "-1", "01", "1.5", "1e3", "1234567890"])("release %j is refused", (text) => {
    expect(() => requireIdOf("release", text, "number")).toThrow(refused("number"));
  });
});

describe("a global id", () => {
  test("of an entity needs its prefix", () => {
    holds(
      fc.property(entities, ([type, localId]) => {
        expect(requireNodeId(`${type}:${localId}`, "id")).toEqual({ entity: `${type}:${localId}` });
        expect(() => requireNodeId(localId, "id")).toThrow(refused("id"));
      }),
    );
  });

  test("of a series names metric, subject and frequency", () => {
    holds(
      fc.property(names, subjects, fc.constantFrom(...FREQUENCIES), (metric, [type, localId], frequency) => {
        const key = { metric, subject: `${type}:${localId}` as const, frequency };
        expect(requireNodeId(seriesId(key), "id")).toEqual({ series: key });
      }),
    );
  });

  test.for([
    ...["", "region", "region:", "Region:52", "planet:earth", "series:", "series:gdp", "series:gdp/region:CN"],
    ...["series:gdp/region:CN/Y", "series:gdp/CN/A", "series:gdp/region:CN/A/x", "series:GDP/region:CN/A"],
    ...["series:gdp/metric:gdp/A", "head", "counts:all", "changes:0", "digest:00"],
  ])("%j is refused", (text) => {
    expect(() => requireNodeId(text, "ids")).toThrow(refused("ids"));
  });
});

describe("the id of a subject", () => {
  test("without a prefix is the code of a region", () => {
    expect(requireSubjectId("5201", "subject")).toBe("region:5201");
  });

  test.for(["zhuminsheng", "metric:gdp", "source:x", "release:1", "complex:", ""])("%j is refused", (text) => {
    expect(() => requireSubjectId(text, "subject")).toThrow(refused("subject"));
  });
});

test("a message quotes no more than the beginning of what was given", () => {
  const given = "x".repeat(100_000);
  expect(shorten(given)).toHaveLength(61);
  const read = () => requireNodeId(given, "id");
  expect(read).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }));
});
