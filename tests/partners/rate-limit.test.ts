import { describe, expect, test } from "vitest";
import { rateLimitHeaders, retryAfterOf, tightestOf } from "../../functions/http/rate-limit.ts";
import { NOON } from "./support/register.ts";

const levels = (minute: number, day: number) => [
  { window: "minute" as const, quota: 600, remaining: minute, resetAt: NOON + 30_400 },
  { window: "day" as const, quota: 10_000, remaining: day, resetAt: NOON + 86_000_000 },
];

describe("the fields that tell of a bucket", () => {
  test("name both windows, and the tighter one in the older fields", () => {
    expect(rateLimitHeaders({ kind: "charged", cost: 5, levels: levels(300, 9_000) }, NOON)).toEqual({
      "ratelimit-policy": '"minute";q=600;w=60;qu="cost", "day";q=10000;w=86400;qu="cost"',
      ratelimit: '"minute";r=300;t=31, "day";r=9000;t=86000',
      "ratelimit-limit": "600",
      "ratelimit-remaining": "300",
      "ratelimit-reset": "31",
    });
    expect(rateLimitHeaders({ kind: "charged", cost: 5, levels: levels(300, 20) }, NOON)).toMatchObject({
      "ratelimit-limit": "10000",
      "ratelimit-remaining": "20",
      "ratelimit-reset": "86000",
    });
  });

  test("speak of the window that keeps a refused request waiting, and of the moment at which it will not", () => {
    const refused = { kind: "refused", cost: 50, levels: levels(10, 40), window: "day", waitMs: 86_401 } as const;
    expect(rateLimitHeaders(refused, NOON)).toMatchObject({
      ratelimit: '"minute";r=10;t=31, "day";r=40;t=87',
      "ratelimit-remaining": "40",
      "ratelimit-reset": "87",
      "retry-after": "87",
    });
    expect(tightestOf({ ...refused, window: "minute" }).window).toBe("minute");
  });

  test("are left out where nothing is known", () => {
    expect(rateLimitHeaders({ kind: "unmetered", cost: 5, failure: new Error("away") }, NOON)).toEqual({});
  });

  test("never ask to wait for no time at all, nor for less than is needed", () => {
    expect([0, 1, 999, 1_000, 1_001].map(retryAfterOf)).toEqual([1, 1, 1, 1, 2]);
  });

  test("do not promise a reset in the past", () => {
    const late = { kind: "charged", cost: 5, levels: levels(300, 9_000) } as const;
    expect(rateLimitHeaders(late, NOON + 40_000).ratelimit).toContain('"minute";r=300;t=0');
  });
});
