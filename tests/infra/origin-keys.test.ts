import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { parseOriginKeys } from "../../functions/environment.ts";
import { behindEdge, ORIGIN_KEY_HEADER, OriginKeys } from "../../functions/http/origin.ts";
import { type OriginKeySecret, rotate } from "../../infra/secrets/rotate-origin-keys.ts";
import { createLambdaContext, toEvent } from "../../local/events.ts";

/** As Secrets Manager generates it: 43 letters and digits. */
const GENERATED = { k1: "Zk3mQ9xT1vB7nL5cR2wY8pD4hG6jS0aFEuKiOtMzXqW" };

const eventWith = (headers: Record<string, string>): Promise<APIGatewayProxyEventV2> =>
  toEvent(new Request("http://localhost/graphql", { headers }), { routeKey: "ANY /graphql" });

describe("a function behind the edge", () => {
  const keys = new OriginKeys(async () => parseOriginKeys(JSON.stringify(GENERATED)));
  let answered = 0;
  const handler = behindEdge(async () => {
    answered += 1;
    return { statusCode: 200, body: "answer" };
  }, keys);
  const statusFor = async (headers: Record<string, string>) => {
    const result = await handler(await eventWith(headers), createLambdaContext("graphql"));
    return (result as APIGatewayProxyStructuredResultV2).statusCode;
  };

  test("answers who comes through CloudFront", async () => {
    expect(await statusFor({ [ORIGIN_KEY_HEADER]: GENERATED.k1 })).toBe(200);
    expect(answered).toBe(1);
  });

  test.for([
    {},
    { [ORIGIN_KEY_HEADER]: "" },
    { [ORIGIN_KEY_HEADER]: "k1" },
    { [ORIGIN_KEY_HEADER]: GENERATED.k1.slice(0, -1) },
    { [ORIGIN_KEY_HEADER]: GENERATED.k1.toLowerCase() },
    { [ORIGIN_KEY_HEADER]: `${GENERATED.k1},${GENERATED.k1}` },
  ])("refuses %j, and does nothing for it", async (headers) => {
    const before = answered;
    expect(await statusFor(headers)).toBe(403);
    expect(answered).toBe(before);
  });

  test("does not start where its keys cannot be read", async () => {
    const unreadable = new OriginKeys(() => Promise.reject(new Error("no such secret")));
    await expect(unreadable.ready()).rejects.toThrow("no such secret");
  });
});

describe("the keys of the edge", () => {
  /** The keys of a function, with a clock and a secret that a test can move. */
  function functionWith(initial: OriginKeySecret) {
    const aws = { secret: initial, reads: 0, fails: false, now: 0 };
    const read = async () => {
      aws.reads += 1;
      if (aws.fails) throw new Error("Secrets Manager does not answer");
      return parseOriginKeys(JSON.stringify(aws.secret));
    };
    return { aws, keys: new OriginKeys(read, () => aws.now) };
  }

  test("during a rotation the old and the new one are good, for a function that has been running all the while", async () => {
    const { aws, keys } = functionWith(GENERATED);
    aws.secret = rotate(GENERATED, "k1", () => "N".repeat(43));
    aws.now += 60_000;
    expect(await keys.admits(GENERATED.k1)).toBe(true);
    expect(aws.reads).toBe(1);
    expect(await keys.admits("N".repeat(43))).toBe(true);
    expect(await keys.admits(GENERATED.k1)).toBe(true);
    expect(aws.reads).toBe(2);
  });

  test("whoever guesses makes a function read the secret once a minute", async () => {
    const { aws, keys } = functionWith(GENERATED);
    for (let guess = 0; guess < 600; guess += 1) {
      expect(await keys.admits(`guess ${guess}`)).toBe(false);
      aws.now += 1000;
    }
    expect(aws.reads).toBe(1 + 9);
  });

  test("a secret that cannot be read again takes nothing away from who is known", async () => {
    const { aws, keys } = functionWith(GENERATED);
    aws.fails = true;
    aws.now += 60_000;
    expect(await keys.admits("unknown")).toBe(false);
    expect(aws.reads).toBe(2);
    expect(await keys.admits(GENERATED.k1)).toBe(true);
  });

  test("a rotation keeps the one that is sent, adds one and drops the rest", () => {
    const named = (secret: OriginKeySecret) => Object.keys(secret).join(" ");
    const second = rotate(GENERATED, "k1");
    expect(named(second)).toBe("k1 k2");
    const third = rotate(second, "k2");
    expect(named(third)).toBe("k2 k3");
    expect(named(rotate(second, "k1"))).toBe("k1 k3");
    expect(parseOriginKeys(JSON.stringify(third))).toHaveLength(2);
    expect(third.k2).toBe(second.k2);
  });

  test.for<[OriginKeySecret, string]>([
    [{ k2: "" }, 'the secret has no key "k1", which CloudFront sends'],
    [{ k1: "", first: "" }, '"first" is no id of an origin key'],
  ])("%j is not rotated", ([secret, message]) => {
    expect(() => rotate(secret, "k1")).toThrow(message);
  });

  test.for(["not json: k1", "{}", '{"k1":"short"}', '{"k1":7}'])("%s is refused, unquoted", (secret) => {
    expect(() => parseOriginKeys(secret)).toThrow(
      /^the secret of the origin keys (is not JSON|holds something else than keys)$/,
    );
  });
});
