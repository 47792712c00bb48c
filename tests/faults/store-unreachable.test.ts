import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoDbClient } from "../../functions/dynamodb-client.ts";
import { localClientConfig } from "../../local/dynamodb.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import {
  type Fault,
  type FaultyEngine,
  firstTimes,
  leavingUnprocessed,
  refusal,
  startFaultyEngine,
} from "../support/faulty-engine.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { type Answer, type Ask, functionOn, openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

const EVERYTHING = `{
  platforms(first: 50) { totalCount nodes { id region { code } operator { id } } }
  regions(orderBy: { field: NAME }) { nodes { id } }
  series(metric: "data-volume", subject: "ZZ") { observations { timePeriod value source { title } } }
  nodes(ids: ["region:ZZ", "metric:datasets", "platform:none"]) { id }
}`;

/** What Lambda has left in these tests; the function keeps half a second of it to answer in. */
const REMAINING_MS = 1500;

let engine: RunningEngine;
let faulty: FaultyEngine;
let portal: TestPortal;
let ask: Ask;
let whole: unknown;

beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  await portal.publish(firstRelease);
  whole = (await portal.ask(EVERYTHING)).data;
});
beforeEach(async () => {
  faulty = await startFaultyEngine(engine);
  const client = dynamoDbClient(localClientConfig(faulty.endpoint));
  ask = functionOn({ client, tables: portal.tables });
  return async () => {
    client.destroy();
    await faulty.stop();
  };
});
afterAll(async () => {
  await portal.close();
  await engine.stop();
});

/** Asks with little time left, and holds the answer against the rules for a store that fails. */
async function askInVain(query: string, given: Ask = ask): Promise<Answer<Record<string, unknown>>> {
  const began = performance.now();
  const answer = await given(query, {}, { remainingMs: REMAINING_MS });
  expect(performance.now() - began).toBeLessThan(REMAINING_MS);
  expect(answer.errors.length).toBeGreaterThan(0);
  for (const { message, extensions } of answer.errors) {
    expect(extensions).toEqual({ code: "UNAVAILABLE", requestId: answer.requestId });
    expect(message).not.toMatch(/test-|table|region local|ECONN|127\.0\.0\.1|socket/);
  }
  return answer;
}

describe("a store that cannot be reached", () => {
  test("because nobody listens is UNAVAILABLE in time", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    probe.close();
    await once(probe, "close");
    const port = typeof address === "object" ? address?.port : undefined;
    const client = dynamoDbClient(localClientConfig(`http://127.0.0.1:${port}`));
    const { data } = await askInVain(EVERYTHING, functionOn({ client, tables: portal.tables }));
    expect(data).toBeNull();
    client.destroy();
  });

  test.for<[string, Fault]>([
    ["because it never answers", async () => "hang"],
    ["because it hangs up", async () => "hang up"],
    ["because it fails inside", async () => refusal(500, "InternalServerError")],
    ["because a gateway stands in its place", async () => ({ status: 503, body: "<html>Service Unavailable</html>" })],
    ["because it throttles", async () => refusal(400, "ProvisionedThroughputExceededException")],
    ["because it limits requests", async () => refusal(400, "RequestLimitExceeded")],
    ["because it leaves every key unprocessed", leavingUnprocessed(0)],
  ])("%s is UNAVAILABLE in time, with no list that looks whole", async ([, fault]) => {
    faulty.fault = fault;
    const { data } = await askInVain(
      `{ nodes(ids: ["region:ZZ", "region:90"]) { id } series(metric: "data-volume", subject: "ZZ") { id unit } }`,
    );
    expect(data).toEqual({ nodes: [null, null], series: null });
  });

  test("is UNAVAILABLE for a list as a whole, never for its tail", async () => {
    faulty.fault = async () => refusal(500, "InternalServerError");
    expect((await askInVain("{ platforms { nodes { id } } }")).data).toBeNull();
  });

  test("with no time left at all is UNAVAILABLE at once", async () => {
    faulty.fault = async () => "hang";
    const { errors, requestId } = await ask(EVERYTHING, {}, { remainingMs: 100 });
    expect(errors[0]?.extensions).toEqual({ code: "UNAVAILABLE", requestId });
  });

  test("does not keep the schema from being asked", async () => {
    faulty.fault = async () => "hang";
    const { data, errors } = await ask("{ __typename }", {}, { remainingMs: REMAINING_MS });
    expect({ data, errors }).toEqual({ data: { __typename: "Query" }, errors: [] });
    // HEAD, under which the answer would have been kept.
    expect(faulty.arrived).toEqual(["GetItem"]);
  });
});

describe("a store that fails in part", () => {
  test("answers what it can and says what it could not", async () => {
    faulty.fault = ({ body }, forward) =>
      body.TableName === portal.tables.series ? Promise.resolve(refusal(500, "InternalServerError")) : forward();
    const query = `{ region(code: "ZZ") { code } series(metric: "data-volume", subject: "ZZ") { unit } }`;
    const { data, errors } = await askInVain(query);
    expect(data).toEqual({ region: { code: "ZZ" }, series: null });
    expect(errors).toMatchObject([{ path: ["series"] }]);
  });

  test("in the middle of a list that comes in pieces gives no list", async () => {
    let queries = 0;
    faulty.fault = ({ operation, body }, forward) => {
      if (operation !== "Query") return forward();
      queries += 1;
      return queries > 2 ? Promise.resolve(refusal(500, "InternalServerError")) : forward({ ...body, Limit: 2 });
    };
    expect((await askInVain("{ platforms { nodes { id } } }")).data).toBeNull();
  });

  test("with every Query cut into pieces is answered whole", async () => {
    faulty.fault = ({ operation, body }, forward) => forward(operation === "Query" ? { ...body, Limit: 1 } : body);
    const { data, errors } = await ask(EVERYTHING);
    expect({ data, errors }).toEqual({ data: whole, errors: [] });
  });

  test.for<[string, Fault]>([
    ["fails", async () => refusal(500, "InternalServerError")],
    ["throttles", async () => refusal(400, "ProvisionedThroughputExceededException")],
    ["hangs up", async () => "hang up"],
  ])("that %s twice and then answers is answered whole", async ([, fault]) => {
    faulty.fault = firstTimes(2, fault);
    const { data, errors } = await ask(EVERYTHING);
    expect({ data, errors }).toEqual({ data: whole, errors: [] });
  });

  test("that leaves keys unprocessed is asked again until all are there", async () => {
    faulty.fault = leavingUnprocessed(3);
    const { data, errors } = await ask(EVERYTHING);
    expect({ data, errors }).toEqual({ data: whole, errors: [] });
    expect(faulty.arrived.filter((operation) => operation === "BatchGetItem").length).toBeGreaterThan(2);
  });

  test("is asked again by the next request: nothing remembers the failure", async () => {
    faulty.fault = async () => refusal(500, "InternalServerError");
    await askInVain("{ release { number } }");
    faulty.fault = (_request, forward) => forward();
    expect(await ask("{ release { number } }")).toMatchObject({ data: { release: { number: 1 } }, errors: [] });
  });

  describe("when requests wait for HEAD together", () => {
    const HEAD = "{ release { number } }";

    test("does not fail one that has time because another one has none", async () => {
      const released = Promise.withResolvers<void>();
      faulty.fault = async (_request, forward) => {
        await released.promise;
        return forward();
      };
      const hurried = ask(HEAD, {}, { remainingMs: 700 });
      const patient = ask(HEAD, {}, { remainingMs: 20_000 });
      expect((await hurried).errors).toMatchObject([{ extensions: { code: "UNAVAILABLE" } }]);
      released.resolve();
      expect(await patient).toMatchObject({ data: { release: { number: 1 } }, errors: [] });
    });

    test("does not keep one that has little time waiting for as long as another one may", async () => {
      const released = Promise.withResolvers<void>();
      faulty.fault = async (_request, forward) => {
        await released.promise;
        return forward();
      };
      const patient = ask(HEAD, {}, { remainingMs: 20_000 });
      await askInVain(HEAD);
      released.resolve();
      expect(await patient).toMatchObject({ data: { release: { number: 1 } }, errors: [] });
    });
  });
});

describe("an importer whose store fails", () => {
  const release = madeUp({ "observations.csv": [observation("2024", "20")] }, "2024-02-01");

  test("for good ends with UNAVAILABLE", async () => {
    const other = await openPortal(faulty);
    faulty.fault = async () => refusal(500, "InternalServerError");
    await expect(other.publish(firstRelease)).rejects.toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
    await other.close();
  });

  test("for a while, and leaves items unprocessed, publishes everything", async () => {
    const other = await openPortal(faulty);
    const unprocessed = leavingUnprocessed(4);
    let calls = 0;
    faulty.fault = (request, forward) => {
      calls += 1;
      return calls % 7 === 0 ? Promise.resolve(refusal(500, "InternalServerError")) : unprocessed(request, forward);
    };
    await other.publish(firstRelease, release);
    faulty.fault = (_request, forward) => forward();
    await portal.publish(release);
    const [answer, expected] = [await other.ask(EVERYTHING), await portal.ask(EVERYTHING)];
    expect(answer.data).toEqual(expected.data);
    await other.close();
  });
});
