import { afterAll, beforeAll, expect, test } from "vitest";
import { GazetteerError, Portal } from "../../client/src/index.ts";
import { issue, registerOf } from "../partners/support/register.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { type ServedPortal, servePortal } from "./served-portal.ts";

let served: ServedPortal;
beforeAll(async () => {
  served = await servePortal();
  await served.portal.publish(firstRelease);
});
afterAll(() => served.close());

const refusalOf = (asked: Promise<unknown>) => asked.then(() => undefined).catch((error: unknown) => error);

test("what a portal refuses comes with code, argument and request id", async () => {
  const portal = new Portal({ url: served.url });
  const error = await refusalOf(portal.platforms({ pageSize: 1000 }).next());
  expect(error).toBeInstanceOf(GazetteerError);
  expect(error).toMatchObject({ code: "BAD_USER_INPUT", argument: "first", requestId: expect.stringMatching(/\S{8}/) });
});

test("a key that is not known is refused, one that is known is served", async () => {
  const wrong = new Portal({ url: served.url, apiKey: "gzt_unknown" });
  expect(await refusalOf(wrong.release())).toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
  const { key } = await issue(registerOf(served.portal), { plan: "basic" });
  expect(await new Portal({ url: served.url, apiKey: key }).release()).toMatchObject({ number: 1 });
});

test("where nobody listens there is no answer", async () => {
  const portal = new Portal({ url: "http://localhost:1", retry: { attempts: 1 } });
  expect(await refusalOf(portal.release())).toMatchObject({ code: "NETWORK", requestId: undefined });
});
