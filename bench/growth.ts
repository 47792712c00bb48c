import { entityId } from "../portal/identifiers.ts";
import { readPanel } from "../portal/series/panel.ts";
import { readProfile } from "../portal/series/profile.ts";
import { DEFAULT_STATUSES } from "../portal/series/resolution.ts";
import { Snapshot } from "../portal/snapshot.ts";
import { callScope } from "../portal/store/calls.ts";
import type { Item } from "../portal/store/requests.ts";
import type { Store } from "../portal/store/store.ts";
import { startEngine } from "./engine.ts";
import { fill } from "./fill.ts";
import { cpuPerCall, timePerCall } from "./measure.ts";
import { LATEST_HEAD, packedItem, sampleClaims, sampleRegion } from "./samples.ts";
import { markdown, short } from "./table.ts";

const SIZES = [1_000, 10_000, 100_000];
const METRICS = 25;
const PROVINCES = 31;

const QUERIES = {
  "one series": (snapshot: Snapshot) => snapshot.series(entityId("region", "11"), "m-0"),
  "panel, 31 provinces": (snapshot: Snapshot) =>
    readPanel(snapshot, {
      metric: "m-0",
      of: { childrenOf: "region:CN" },
      statuses: DEFAULT_STATUSES,
      vintage: snapshot.vintage,
    }),
  "profile, page of 20": (snapshot: Snapshot) =>
    readProfile(snapshot, entityId("region", "11"), undefined, Promise.resolve(snapshot.vintage), {
      limit: 20,
      backward: false,
    }),
};

/** The same queries of the same series in tables of growing size, each on an engine of its own, measured in turns. */
export async function growthTable(): Promise<string> {
  const engines = await Promise.all(SIZES.map(() => startEngine()));
  const stores = engines.map(({ store }) => store);
  await Promise.all(stores.map((store, i) => fillWith(store, SIZES[i] as number)));
  const rows: string[][] = [];
  for (const [name, query] of Object.entries(QUERIES)) rows.push(...(await measured(stores, name, query)));
  for (const { close } of engines) await close();
  return markdown(["query", "series in the table", "calls", "read capacity", "client CPU", "on the clock"], rows);
}

/** A thousand series at a time, lest all of them stand in memory. */
async function fillWith(store: Store, size: number): Promise<void> {
  for (let from = 0; from < size; from += 1000) {
    await fill(
      store,
      store.tables.series,
      Array.from({ length: 1000 }, (_, i) => nth(from + i)),
    );
  }
}

/** Series of a few metrics: of the provinces first, then of as many counties as it takes. */
function nth(n: number): Item {
  const [metric, subject] = [`m-${n % METRICS}`, Math.floor(n / METRICS)];
  const province = 11 + (subject % PROVINCES);
  const region =
    subject < PROVINCES
      ? sampleRegion(`${province}`, "PROVINCE", `WORLD/CN/${province}/`, "CN")
      : sampleRegion(
          `${province}${1000 + subject}`,
          "COUNTY",
          `WORLD/CN/${province}/${province}${1000 + subject}/`,
          `${province}`,
        );
  return packedItem({ metric, subject: region.id, frequency: "A" }, region, sampleClaims("2015", 8, n + 1));
}

async function measured(
  stores: readonly Store[],
  name: string,
  query: (snapshot: Snapshot) => Promise<unknown>,
): Promise<string[][]> {
  const works = stores.map((store) => () => runOnce(store, query));
  const cpu = await cpuPerCall(Object.fromEntries(works.map((work, i) => [SIZES[i], work])), { rounds: 15, calls: 10 });
  const rows: string[][] = [];
  for (const [i, work] of works.entries()) {
    const { meter } = await work();
    const clock = await timePerCall(work, 50);
    const size = SIZES[i] as number;
    const costs = [`${short(meter.readUnits)} RCU`, millis((cpu[size] ?? 0) / 1000), millis(clock)];
    rows.push([name, short(size), short(meter.calls), ...costs]);
  }
  return rows;
}

function millis(n: number): string {
  return `${short(n)} ms`;
}

async function runOnce(store: Store, query: (snapshot: Snapshot) => Promise<unknown>) {
  const scope = callScope();
  await query(new Snapshot(store, LATEST_HEAD, scope));
  return scope;
}
