import { describe, expect, test } from "vitest";
import { failureOf } from "../../cli/failure.ts";
import { clock, Progress } from "../../cli/output/progress.ts";
import { columns } from "../../cli/output/table.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { badInput, type ErrorCode, PortalError } from "../../portal/errors.ts";
import { InvalidReleaseError, ProblemReport } from "../../portal/releases/problems.ts";
import type { PublishProgress } from "../../portal/releases/summary.ts";

/** Shows progress steps at given times, and gives what was written. */
function shown(steps: readonly [ms: number, PublishProgress, read?: number][], isTTY = true): string[] {
  const written: string[] = [];
  let time = 0;
  let fraction = 0;
  const write = (line: string | Uint8Array) => written.push(String(line)) > 0;
  const stream = { isTTY, columns: 100, write };
  const progress = new Progress({ stream, now: () => time, fractionRead: () => fraction });
  for (const [at, step, read = 0] of steps) {
    time = at;
    fraction = read;
    progress.show(step);
  }
  progress.end();
  return written.map((line) => line.replace("\r", "").replace("\u001b[K", "").trimEnd());
}

describe("progress", () => {
  test("on a terminal is a bar with rows, rate and time left", () => {
    const lines = shown([
      [0, { phase: "VALIDATING", rows: 0 }, 0],
      [2000, { phase: "VALIDATING", rows: 100_000 }, 0.25],
      [8000, { phase: "STAGING", rows: 0, totalRows: 400_000 }],
      [10_000, { phase: "STAGING", rows: 100_000, totalRows: 400_000 }],
      [16_000, { phase: "COMMITTING", rows: 400_000, totalRows: 400_000 }],
    ]);
    expect(lines).toEqual([
      "Checking    [                        ]  0 rows",
      "Checking    [======                  ]  100,000 rows  50,000 rows/s  0:06 left",
      "Staging     [                        ]  0 of 400,000 rows",
      "Staging     [======                  ]  100,000 of 400,000 rows  50,000 rows/s  0:06 left",
      "Committing  [========================]  400,000 of 400,000 rows",
      "",
    ]);
  });

  test("of a publication that goes on counts from where it stood", () => {
    const lines = shown([
      [0, { phase: "STAGING", rows: 300_000, totalRows: 400_000 }],
      [1000, { phase: "STAGING", rows: 320_000, totalRows: 400_000 }],
    ]);
    expect(lines[1]).toMatch(/20,000 rows\/s {2}0:04 left$/);
  });

  test("on a terminal is drawn ten times a second at most, and never wider", () => {
    const step = { phase: "STAGING", rows: 1, totalRows: 10 } as const;
    expect(shown([0, 50, 99, 100, 150].map((at) => [at, step]))).toHaveLength(3);
    expect(Math.max(...shown([[0, step]]).map((line) => line.length))).toBeLessThan(100);
  });

  test("elsewhere is a line per phase and every ten seconds", () => {
    const staging = (rows: number) => ({ phase: "STAGING", rows, totalRows: 100 }) as const;
    const lines = shown(
      [
        [0, { phase: "VALIDATING", rows: 10 }],
        [5000, { phase: "VALIDATING", rows: 50 }],
        [6000, staging(0)],
        [16_000, staging(50)],
        [17_000, staging(60)],
      ],
      false,
    );
    expect(lines).toEqual([
      "Checking    10 rows",
      "Staging     0 of 100 rows",
      expect.stringContaining("50 of 100 rows"),
    ]);
  });

  test.for<[number, string]>([
    [0, "0:00"],
    [6001, "0:07"],
    [750_000, "12:30"],
    [3_723_000, "1:02:03"],
  ])("%i ms are %s", ([ms, text]) => {
    expect(clock(ms)).toBe(text);
  });
});

test("columns are as wide as what stands in them", () => {
  expect(
    columns(
      ["n", "day", "title"],
      [
        [1, "2024", "One"],
        [1200, "2024-05", "Two"],
      ],
    ),
  ).toBe(["    n  day      title", "    1  2024     One", "1,200  2024-05  Two"].join("\n"));
});

describe("a failure", () => {
  const report = new ProblemReport();
  report.add({
    file: "a.csv",
    line: 2,
    column: "id",
    code: "MISSING_VALUE",
    message: "every row needs an id",
    value: "",
  });

  test.for<[unknown, number, string]>([
    [new UsageError("No."), 2, "No."],
    [new InvalidReleaseError(report, "here"), 3, "Nothing was published: 1 problem in here."],
    [badInput("release", "there is no release 9"), 3, "Nothing was published: there is no release 9."],
    [new PortalError("LIMIT_EXCEEDED", "too long"), 3, "Nothing was published: too long."],
    [new PortalError("RELEASE_IN_PROGRESS", "another is"), 4, "Nothing was published: another is."],
    [
      new PortalError("RELEASE_PAUSED", "paused after 5 rows"),
      5,
      "Paused: paused after 5 rows; they go on from there.",
    ],
    [new PortalError("INTERNAL", "broken"), 1, "broken (the tables)"],
  ])("%s ends with %i", ([error, exitCode, message]) => {
    expect(failureOf(error, { target: "the tables" })).toMatchObject({ exitCode, message });
  });

  test.for<[ErrorCode, string, string]>([
    ["INTERNAL", "ResourceNotFoundException", "There are no tables the tables."],
    ["INTERNAL", "AccessDeniedException", "AWS refused the tables: AccessDeniedException: because"],
    ["INTERNAL", "CredentialsProviderError", "AWS refused the tables: CredentialsProviderError: because"],
    ["UNAVAILABLE", "TimeoutError", "No answer from the tables: TimeoutError: because"],
  ])("%s of %s says what can be done", ([code, name, message]) => {
    const cause = Object.assign(new Error("because"), { name });
    expect(failureOf(new PortalError(code, "x", { cause }), { target: "the tables" })).toMatchObject({
      exitCode: 1,
      code,
      message,
    });
  });

  test("that nobody foresaw is told with its stack", () => {
    expect(failureOf(new Error("oops")).message).toContain("output.test.ts");
    expect(failureOf("oops")).toMatchObject({ exitCode: 1, message: "oops" });
  });
});
