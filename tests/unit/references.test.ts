import { expect, test } from "vitest";
import { ProblemReport } from "../../portal/releases/problems.ts";
import { References } from "../../portal/releases/references.ts";

const USES = 50_000;

test("what is used often is counted in full, and remembered in part", async () => {
  const references = new References(new Map());
  for (let line = 2; line < USES + 2; line += 1) {
    references.use(`region:${line % 4}`, "observations.csv", line, "subject_id");
  }
  const report = new ProblemReport();
  await references.check(async () => new Map(), report);
  expect(report.total).toBe(USES);
  expect(Object.fromEntries(report.counts)).toEqual({ UNKNOWN_REFERENCE: USES });
  expect(report.problems).toHaveLength(1000);
  expect(report.toString()).toContain(`… and ${USES - 1000} more; in all: UNKNOWN_REFERENCE ${USES}`);
});
