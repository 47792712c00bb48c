import { describe, expect, test } from "vitest";
import { GazetteerError, Portal, type PortalOptions } from "../../client/src/index.ts";

const DONE = Response.json({ data: { found: null } });

/** A portal that gives these answers one after the other, in the hands of a client that does not really wait. */
function scripted(answers: readonly (() => Response | Promise<Response>)[], options: Partial<PortalOptions> = {}) {
  const waits: number[] = [];
  const requests: Request[] = [];
  const portal = new Portal({
    url: "https://data.example.org",
    fetch: async (url, init) => {
      requests.push(new Request(url, init));
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (!answer) throw new Error("no answer is scripted");
      return answer();
    },
    surroundings: { random: () => 0.5, sleep: async (ms) => void waits.push(ms) },
    ...options,
  });
  return { portal, waits, requests };
}

const done = () => DONE.clone();
const refused =
  (code: string, status: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json(
      { errors: [{ message: "no", extensions: { code, requestId: "r-1", argument: "id" } }] },
      { status, headers },
    );
const failure = (asked: Promise<unknown>): Promise<GazetteerError> =>
  asked.then(
    () => expect.unreachable("it was served"),
    (error: unknown) => error as GazetteerError,
  );

describe("what passes is asked for again", () => {
  test("not before Retry-After, and a little later than everybody else", async () => {
    const { portal, waits } = scripted([refused("RATE_LIMITED", 429, { "retry-after": "7" }), done]);
    expect(await portal.metric("x")).toBeNull();
    expect(waits).toEqual([7000 + 0.5 * 0.25 * 7000]);
  });

  test("Retry-After may be a date", async () => {
    const date = new Date(Date.now() + 10_000).toUTCString();
    const { portal, waits } = scripted([refused("UNAVAILABLE", 503, { "retry-after": date }), done]);
    await portal.metric("x");
    expect(waits[0]).toBeGreaterThan(8000);
    expect(waits[0]).toBeLessThan(12_500);
  });

  test("without a word from the portal the waits grow, up to the longest", async () => {
    const down = () => Promise.reject(new TypeError("fetch failed"));
    const { portal, waits } = scripted([down, down, down, down, done], { retry: { baseWaitMs: 100, maxWaitMs: 300 } });
    await portal.metric("x");
    expect(waits).toEqual([50, 100, 150, 150]);
  });

  test("gateways that answer for the portal count too", async () => {
    const { portal, waits } = scripted([() => new Response("<html>", { status: 502 }), done]);
    expect(await portal.metric("x")).toBeNull();
    expect(waits).toHaveLength(1);
  });

  test("a store that failed for a part of the answer is no answer", async () => {
    const half = { data: { found: null }, errors: [{ message: "no", extensions: { code: "UNAVAILABLE" } }] };
    const { portal, requests } = scripted([() => Response.json(half), done]);
    expect(await portal.metric("x")).toBeNull();
    expect(requests).toHaveLength(2);
  });
});

describe("and no more than is sensible", () => {
  test("so many attempts and the last error", async () => {
    const { portal, requests } = scripted([refused("UNAVAILABLE", 503)], { retry: { attempts: 3 } });
    expect(await failure(portal.metric("x"))).toMatchObject({ code: "UNAVAILABLE", status: 503, requestId: "r-1" });
    expect(requests).toHaveLength(3);
  });

  test("a portal that wants to be left alone for longer than the caller waits is left alone", async () => {
    const { portal, waits } = scripted([refused("RATE_LIMITED", 429, { "retry-after": "3600" })]);
    expect(await failure(portal.metric("x"))).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 3_600_000 });
    expect(waits).toEqual([]);
  });

  test.each([
    ["BAD_USER_INPUT", 200],
    ["COST_LIMIT_EXCEEDED", 400],
    ["UNAUTHENTICATED", 401],
    ["INTERNAL_SERVER_ERROR", 500],
  ])("%s stays what it is", async (code, status) => {
    const { portal, requests } = scripted([refused(code, status)]);
    const error = await failure(portal.metric("x"));
    expect(error).toBeInstanceOf(GazetteerError);
    expect(error).toMatchObject({ code, status, argument: "id", requestId: "r-1", message: "no" });
    expect(requests).toHaveLength(1);
  });

  test("what is no answer of a portal says so", async () => {
    const { portal } = scripted([() => new Response("hello")]);
    expect(await failure(portal.metric("x"))).toMatchObject({ code: "BAD_ANSWER", status: 200 });
  });
});

describe("whoever gives up is obeyed", () => {
  const never = (init: RequestInit) =>
    new Promise<Response>((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason)));

  test("before, while and between attempts, with the reason of the caller", async () => {
    const { portal } = scripted([done]);
    await expect(portal.metric("x", { signal: AbortSignal.abort("early") })).rejects.toBe("early");

    const during = new AbortController();
    const waiting = scripted([], { fetch: (_, init) => never(init) });
    const asked = waiting.portal.metric("x", { signal: during.signal });
    during.abort("enough");
    await expect(asked).rejects.toBe("enough");

    const between = new AbortController();
    const slow = new Portal({
      url: "https://data.example.org",
      fetch: async () => {
        setTimeout(() => between.abort("later"), 5);
        return refused("UNAVAILABLE", 503, { "retry-after": "30" })();
      },
    });
    await expect(slow.metric("x", { signal: between.signal })).rejects.toBe("later");
  });

  test("the client's own signal ends all of its walks", async () => {
    const all = new AbortController();
    const page = { nodes: [{ id: "region:1" }], pageInfo: { hasNextPage: true, endCursor: "c" } };
    const { portal, requests } = scripted([() => Response.json({ data: { page } })], { signal: all.signal });
    const regions = portal.regions();
    expect((await regions.next()).value).toEqual({ id: "region:1" });
    all.abort("closing");
    await expect(regions.next()).rejects.toBe("closing");
    expect(requests).toHaveLength(1);
  });

  test("an attempt that takes too long is one that failed", async () => {
    const { portal, waits } = scripted([], { fetch: (_, init) => never(init), timeoutMs: 5, retry: { attempts: 2 } });
    expect(await failure(portal.metric("x"))).toMatchObject({ code: "TIMEOUT" });
    expect(waits).toHaveLength(1);
  });
});

test("a key goes along, and only where there is one", async () => {
  const [open, keyed] = [scripted([done]), scripted([done], { apiKey: "gzt_example" })];
  await Promise.all([open.portal.metric("x"), keyed.portal.metric("x")]);
  expect([open, keyed].map(({ requests }) => requests[0]?.headers.get("x-api-key"))).toEqual([null, "gzt_example"]);
  expect(keyed.requests[0]?.url).toBe("https://data.example.org/graphql");
});
