import { afterAll, beforeAll, expect, test } from "vitest";
import { Portal } from "../../client/src/index.ts";
import { facts, revisions } from "../partner/support/world.ts";
import { type ServedPortal, servePortal } from "./served-portal.ts";

let served: ServedPortal;
let portal: Portal;
beforeAll(async () => {
  served = await servePortal();
  await served.portal.publish(facts, revisions);
  portal = new Portal({ url: `${served.url}/graphql` });
});
afterAll(() => served.close());

test("a panel is a flat table: a row for each subject and period", async () => {
  const panel = await portal.panel({ metric: "data-volume", of: { childrenOf: "ZZ" }, from: "2022", to: "2023" });
  expect(panel).toEqual({
    metric: { id: "metric:data-volume", name: "Data volume" },
    unit: "TB",
    frequency: "A",
    release: 2,
    timePeriods: ["2022", "2023"],
    rows: [
      { subject: "region:90", name: "North", timePeriod: "2022", value: 7.25, exact: "7.25", status: "A" },
      { subject: "region:90", name: "North", timePeriod: "2023", value: null, exact: null, status: "O" },
      {
        ...{ subject: "region:91", name: "South", timePeriod: "2022", status: "A" },
        ...{ value: Number("12345678901234567890.10"), exact: "12345678901234567890.10" },
      },
      { subject: "region:91", name: "South", timePeriod: "2023", value: -3, exact: "-3", status: "A" },
    ],
  });
});

test("in another language, as of an earlier release", async () => {
  const wanted = { metric: "data-volume", of: { childrenOf: "ZZ" }, from: "2022", to: "2022", lang: "ZH" } as const;
  const panel = await portal.panel({ ...wanted, asOf: 1 });
  expect(panel?.rows[0]).toMatchObject({ name: "北省", exact: "7.10" });
});

test("of a metric that there is not there is no panel", async () => {
  expect(await portal.panel({ metric: "nothing", of: { childrenOf: "ZZ" } })).toBeNull();
});
