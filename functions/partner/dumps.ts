import { dcatCatalogue } from "../../portal/dcat/catalogue.ts";
import { allFacts, type DumpFacts, factsOf, type PublishedBy } from "../../portal/dcat/facts.ts";
import { schemaOrgDataset } from "../../portal/dcat/schema-org.ts";
import { dumpsOf, findFile } from "../../portal/export/listing.ts";
import type { Manifest } from "../../portal/export/manifest.ts";
import { requireIdOf } from "../../portal/identifiers.ts";
import type { DumpShelf } from "../dumps/shelf.ts";
import { Problem } from "./problem.ts";
import { BASE_COST, JSON_TYPE } from "./request.ts";
import type { AskedOfShelf, ShelfAnswer, ShelfRoute } from "./shelf-route.ts";

const JSON_LD = "application/ld+json";

/** Beside a metric's description its region and release are read. */
const COST_PER_METRIC = 2;
/** As many metrics as a catalogue is thought to have; it is made once a release. */
const METRICS = 200;

/**
 * Dumps, for keys that may export: `/v1/dumps` with links that work for an hour, and each file under an address that
 * stays and leads to such a link. The catalogue for machines is everybody's.
 */
export const shelfRoutes: readonly ShelfRoute[] = [
  { path: "/v1/dumps", use: "export", cost: BASE_COST, state: listingState, answer: listing },
  { path: "/v1/dumps/{release}/{file}", use: "export", cost: BASE_COST, answer: file },
  { path: "/v1/metrics/{id}.jsonld", use: "query", cost: BASE_COST + COST_PER_METRIC, answer: metric },
  { path: "/catalog.jsonld", use: "query", cost: BASE_COST + METRICS * COST_PER_METRIC, answer: catalogue },
];

/** Links work for an hour: half of one later there is another answer, so that those of the one that is kept still work. */
const LINKS_ANEW_MS = 1_800_000;

async function listingState(shelf: DumpShelf | undefined, now: number): Promise<string | undefined> {
  const dump = await shelf?.latest();
  return dump && `${dump.manifest.release} ${Math.floor(now / LINKS_ANEW_MS)}`;
}

async function listing({ shelf }: AskedOfShelf): Promise<ShelfAnswer> {
  const dump = await shelf?.latest();
  if (!shelf || !dump) throw noDump();
  const dumps = await dumpsOf(dump.manifest, (key, name) => shelf.sign(key, name));
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(dumps), isPrivate: true };
}

async function file({ shelf, path }: AskedOfShelf): Promise<ShelfAnswer> {
  const manifest = await manifestOf(shelf, path.release ?? "");
  const found = manifest && findFile(manifest, path.file ?? "");
  if (!shelf || !found) throw noDump();
  const { url } = await shelf.sign(found.key, `${manifest.release}-${path.file}`);
  return { status: 302, location: url };
}

async function manifestOf(shelf: DumpShelf | undefined, release: string): Promise<Manifest | undefined> {
  if (release === "latest") return (await shelf?.latest())?.manifest;
  return /^[1-9]\d{0,8}$/.test(release) ? shelf?.ofRelease(Number(release)) : undefined;
}

function noDump(): Problem {
  return new Problem(
    404,
    "NOT_FOUND",
    "There is no such dump. The latest one is told of at /v1/dumps, once there is one.",
  );
}

async function metric({ shelf, by, snapshot, path }: AskedOfShelf): Promise<ShelfAnswer> {
  const [dump, entity] = await Promise.all([
    shelf?.latest(),
    snapshot.entity<"metric">(requireIdOf("metric", path.id ?? "", "id")),
  ]);
  if (!entity) throw new Problem(404, "NOT_FOUND", "There is no such metric.");
  return jsonLd(schemaOrgDataset(by, await factsOf(snapshot, entity, dump), dump?.manifest));
}

async function catalogue({ shelf, by, snapshot, kept }: AskedOfShelf): Promise<ShelfAnswer> {
  const dump = await shelf?.latest();
  const { release, knownOn } = snapshot.head;
  const state = `${release} ${dump?.manifest.release}`;
  const body = await kept(state, async () => JSON.stringify(await catalogueOf({ snapshot, by }, dump, knownOn)));
  return { status: 200, contentType: JSON_LD, body };
}

async function catalogueOf(
  { snapshot, by }: Pick<AskedOfShelf, "snapshot"> & { readonly by: PublishedBy },
  dump: DumpFacts | undefined,
  modified: string,
): Promise<object> {
  return dcatCatalogue({ by, facts: await allFacts(snapshot, dump), manifest: dump?.manifest, modified });
}

function jsonLd(document: object): ShelfAnswer {
  return { status: 200, contentType: JSON_LD, body: JSON.stringify(document) };
}
