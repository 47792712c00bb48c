import type { SubjectId } from "../portal/identifiers.ts";
import type { Claim } from "../portal/series/claims.ts";
import { type Panel, type PanelSelection, readPanel } from "../portal/series/panel.ts";
import { DEFAULT_STATUSES } from "../portal/series/resolution.ts";
import { Snapshot } from "../portal/snapshot.ts";
import { type CallScope, callScope } from "../portal/store/calls.ts";
import type { Store } from "../portal/store/store.ts";
import type { Engine } from "./engine.ts";
import { fill } from "./fill.ts";
import { cpuPerCall } from "./measure.ts";
import { OBSERVATION_TABLE, observationItem, readObservationItems } from "./observation-items.ts";
import { LATEST_HEAD, packedItem, sampleClaims, sampleRegion } from "./samples.ts";
import { markdown, short } from "./table.ts";

/** Prefecture-level units between a province and its counties: what a path is made of matters, not its names. */
const PREFECTURES = 11;

const PROVINCES = Array.from({ length: 31 }, (_, i) => sampleProvince(11 + i));
const COUNTIES = Array.from({ length: 2978 }, (_, i) => sampleCounty(i));

function sampleProvince(code: number) {
  return sampleRegion(`${code}`, "PROVINCE", `WORLD/CN/${code}/`, "CN");
}

function sampleCounty(i: number) {
  const province = 11 + (i % PROVINCES.length);
  const prefecture = `${province}${String(1 + (i % PREFECTURES)).padStart(2, "0")}`;
  const county = `${prefecture}${String(Math.floor(i / PROVINCES.length) + 1).padStart(2, "0")}`;
  return sampleRegion(county, "COUNTY", `WORLD/CN/${province}/${prefecture}/${county}/`, prefecture);
}

/** One metric for many subjects: calls, capacity and CPU, against a Query for each subject of the other design. */
export async function panelTable({ plain: { store } }: Engine): Promise<string> {
  await fillPanel(store, "of-provinces", PROVINCES, 20);
  await fillPanel(store, "of-counties", COUNTIES, 10);
  const provinces = (scope: CallScope) => panel(store, "of-provinces", { childrenOf: "region:CN" }, scope);
  const counties = (scope: CallScope) => panel(store, "of-counties", { kind: "COUNTY", within: "WORLD/CN/" }, scope);

  const keys = PROVINCES.map(({ id }) => keyOf("of-provinces", id));
  const claims = PROVINCES.flatMap(({ id }, i) => claimsOf(i, 20).map((claim) => ({ id, claim })));
  await fill(
    store,
    OBSERVATION_TABLE,
    claims.map(({ id, claim }) => observationItem(keyOf("of-provinces", id), claim)),
  );
  const single = (scope: CallScope) => Promise.all(keys.map((key) => readObservationItems(store, key, scope)));
  const cpu = await cpuPerCall(
    { provinces: () => provinces(callScope()), single: () => single(callScope()) },
    { rounds: 15, calls: 4 },
  );
  const countryCpu = await cpuPerCall({ counties: () => counties(callScope()) }, { rounds: 5, calls: 1 });
  return markdown(
    ["panel", "calls", "read capacity", "client CPU", "goal"],
    [
      await row("31 provinces × 20 years", provinces, 31 * 20, cpu.provinces, "1 Query"),
      await row("the same, an item per observation", single, 31 * 20, cpu.single, ""),
      await row("2,978 counties × 10 years", counties, 2978 * 10, countryCpu.counties, "a Query per MB, printed"),
    ],
  );
}

async function fillPanel(store: Store, metric: string, regions: typeof PROVINCES, years: number): Promise<void> {
  const items = regions.map((region, i) => packedItem(keyOf(metric, region.id), region, claimsOf(i, years)));
  await fill(store, store.tables.series, items);
}

function keyOf(metric: string, subject: SubjectId) {
  return { metric, subject, frequency: "A" } as const;
}

function claimsOf(i: number, years: number): Claim[] {
  return sampleClaims("2005", years, i + 1);
}

async function panel(store: Store, metric: string, of: PanelSelection, scope: CallScope): Promise<Panel> {
  const snapshot = new Snapshot(store, LATEST_HEAD, scope);
  const read = await readPanel(snapshot, { metric, of, statuses: DEFAULT_STATUSES, vintage: snapshot.vintage });
  if (!read) throw new Error(`no panel of ${metric}`);
  return read;
}

type Table = Panel | readonly (readonly unknown[])[];

async function row(
  name: string,
  read: (scope: CallScope) => Promise<Table>,
  cells: number,
  cpu: number,
  goal: string,
): Promise<string[]> {
  const scope = callScope();
  const table = await read(scope);
  const found = "rows" in table ? table.rows.flatMap((r) => r.cells).filter((cell) => cell !== null) : table.flat();
  if (found.length !== cells) throw new Error(`${name}: read ${found.length} cells of ${cells}`);
  const { calls, readUnits } = scope.meter;
  return [
    name,
    `${short(calls)} ${calls === 1 ? "Query" : "Queries"}`,
    `${short(readUnits)} RCU`,
    `${short(cpu / 1000)} ms`,
    goal,
  ];
}
