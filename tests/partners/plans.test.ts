import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ANONYMOUS, mayUse, planOf } from "../../portal/partners/caller.ts";
import { ANONYMOUS_PLAN, PLAN_NAMES, PLANS } from "../../portal/partners/plans.ts";

describe.each(PLAN_NAMES)("the plan %s", (name) => {
  const plan = PLANS[name];

  test("allows more than everybody is allowed", () => {
    expect(plan.maxRequestCost).toBeGreaterThan(ANONYMOUS_PLAN.maxRequestCost);
    expect(plan.scopes).toEqual(expect.arrayContaining([...ANONYMOUS_PLAN.scopes]));
  });

  test("has room for two requests of the largest size in a minute, and for more than a minute in a day", () => {
    expect(plan.costPerMinute).toBeGreaterThanOrEqual(2 * plan.maxRequestCost);
    expect(plan.costPerDay).toBeGreaterThan(plan.costPerMinute);
    expect(plan.costPerDay).toBeLessThan(24 * 60 * plan.costPerMinute);
  });
});

test("who has no key may query and not export", () => {
  expect(planOf(ANONYMOUS)).toBe(ANONYMOUS_PLAN);
  expect(mayUse(ANONYMOUS, "query")).toBe(true);
  expect(mayUse(ANONYMOUS, "export")).toBe(false);
});

test("a key may do what it was made for, whatever its plan would allow", () => {
  const caller = { kind: "partner", keyId: "k", bucket: "k", plan: "bulk", scopes: ["query"] } as const;
  expect(planOf(caller)).toBe(PLANS.bulk);
  expect(mayUse(caller, "query")).toBe(true);
  expect(mayUse(caller, "export")).toBe(false);
});

test("the documentation has the plans as they are", () => {
  const text = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
  const row = (...cells: readonly (string | number)[]) =>
    cells.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en") : cell)).join(" ");
  const rows = text.split("\n").map((line) => line.replaceAll("|", " ").trim().replaceAll(/ +/g, " "));
  const scopesOf = (scopes: readonly string[]) => scopes.map((scope) => `\`${scope}\``).join(", ");
  expect(rows).toContain(row("no key", ANONYMOUS_PLAN.maxRequestCost, "– –", scopesOf(ANONYMOUS_PLAN.scopes)));
  for (const name of PLAN_NAMES) {
    const { maxRequestCost, costPerMinute, costPerDay, scopes } = PLANS[name];
    expect(rows).toContain(row(`\`${name}\``, maxRequestCost, costPerMinute, costPerDay, scopesOf(scopes)));
  }
});
