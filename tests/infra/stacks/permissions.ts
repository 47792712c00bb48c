import { describe, expect, test } from "vitest";
import { environmentNamed, environments } from "../../../infra/environments.ts";
import { covers, grantsIn } from "../../support/deployed-policies.ts";
import { grantsOf } from "../grants.ts";

/** The environment whose functions are run and held against their policies: tests/e2e/deployed. */
const PROVEN = environmentNamed("staging");

describe("what functions may do was proven in one environment and is the same in all", () => {
  test.for(Object.keys(environments).filter((name) => name !== PROVEN.name))("%s", (name) => {
    const grants = grantsOf(environmentNamed(name));
    expect(Object.keys(grants).length).toBeGreaterThan(1);
    expect(grants).toEqual(grantsOf(PROVEN));
  });
});

describe("a grant", () => {
  const key = "arn:aws:s3:::uploads/a/b.zip";
  test.for([
    ["s3:GetObject", "arn:aws:s3:::uploads/*.zip", true],
    ["S3:getobject", key, true],
    ["s3:Get*", "*", true],
    ["s3:GetObject", "arn:aws:s3:::uploads/?/b.zip", true],
    ["s3:GetObject", "arn:aws:s3:::uploads", false],
    ["s3:GetObject", "arn:aws:s3:::uploads/*.csv", false],
    ["s3:GetObject", "arn:aws:s3:::Uploads/*", false],
    ["s3:GetObject", "arn:aws:s3:::uploads/a/b-zip", false],
    ["s3:GetObjectVersion", "*", false],
    ["s3:PutObject", "*", false],
  ] as const)("of %s on %s covers the reading of an object: %s", ([action, resource, expected]) => {
    expect(covers({ action, resource }, { action: "s3:GetObject", resource: key })).toBe(expected);
  });

  test("is each action of a statement on each of its resources", () => {
    const statement = { Effect: "Allow", Action: ["a:X", "a:Y"], Resource: ["r", "s"] };
    expect(grantsIn({ Statement: statement }).map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      "a:X r",
      "a:X s",
      "a:Y r",
      "a:Y s",
    ]);
  });

  test.for([
    ["Deny", {}],
    ["Allow", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
    ["Allow", { NotAction: "a:X" }],
  ] as const)("with a clause that is not understood is no grant: %s %j", ([Effect, clause]) => {
    expect(() => grantsIn({ Statement: { Effect, Action: "a:X", Resource: "*", ...clause } })).toThrow(
      "not understood",
    );
  });
});
