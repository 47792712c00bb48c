import { expect } from "vitest";
import type { Ask } from "./portal.ts";

/** A set of questions about facts, each as of a release, to be asked while it is HEAD and again later. */

const CLAIM = `value valueAsFloat status note source { id title } release { number publishedOn }`;
const OBSERVATION = `timePeriod ${CLAIM} revisions { ${CLAIM} } alternatives { ${CLAIM} revisions { ${CLAIM} } }`;
const DERIVED = `measure timePeriod value valueAsFloat unit undefined derivedFrom { timePeriod value release { number } }`;
const STATUSES = "[A, P, E, F, T, M, O, Q]";

const FACTS = `fragment Facts on Series {
    id unit frequency metric { name { text } maximum } subject { id name { text } }
    observations { ${OBSERVATION} }
    everything: observations(status: ${STATUSES}) { ${OBSERVATION} }
    latest { ${OBSERVATION} }
    since: observations(from: "2022", last: 2) { timePeriod value }
    change { ${DERIVED} }
    growth(against: SAME_PERIOD_A_YEAR_BEFORE) { ${DERIVED} }
    shareOfParent { ${DERIVED} }
    rank { timePeriod rank outOf undefined }
    notices { code timePeriod message values release { number } }
  }`;

const TABLE = `fragment Table on Panel {
    unit frequency rowCount timePeriods release { number }
    rows { subject { id name { text } } values valuesAsFloat statuses missing }
  }`;

/** Each within what one request may cost; `$asOf` is null while the release is HEAD. */
const QUERIES = [
  `release(asOf: $asOf) { number title publisher publishedOn committedAt counts { claims entities changes } }
  country: region(code: "ZZ") {
    series(metric: "volume", frequency: A, asOf: $asOf) { ...Facts compoundGrowth(from: "2021", to: "2023") { ${DERIVED} } }
  }
  provinces: panel(metric: "volume", of: { childrenOf: "ZZ" }, frequency: A, asOf: $asOf) { ...Table }
  everyone: panel(metric: "labelled", of: { regions: { within: "ZZ", level: PROVINCE } }, status: ${STATUSES}, asOf: $asOf) {
    ...Table
  }
  inNorth: panel(metric: "volume", of: { regions: { within: "90", level: PREFECTURE } }, asOf: $asOf) { ...Table }
  platformsInNorth: panel(metric: "coverage", of: { subjects: { kind: PLATFORM, within: "90" } }, asOf: $asOf) { ...Table }
  platforms: panel(metric: "coverage", of: { subjects: { kind: PLATFORM } }, last: 2, top: 1, asOf: $asOf) { ...Table }`,
  `north: series(metric: "volume", subject: "90", frequency: A, asOf: $asOf) { ...Facts }
  quarterly: series(metric: "labelled", subject: "91", frequency: Q, asOf: $asOf) { ...Facts }
  ofPlatform: series(metric: "coverage", subject: "platform:south-data", asOf: $asOf) { ...Facts }
  below: series(metric: "volume", subject: "9001", asOf: $asOf) { ...Facts }`,
];

/** Whole profiles, page by page. */
const PROFILES = [`region(code: "ZZ") { profile(`, `region(code: "91") { profile(topic: "data", `].map(
  (profile) => `subject: ${profile}asOf: $asOf, first: 5, after: $after) {
    nodes { ...Facts } pageInfo { hasNextPage endCursor }
  } }`,
);

interface ProfilePage {
  readonly subject: { readonly profile: { readonly nodes: unknown; readonly pageInfo: PageInfo } };
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** What the portal answers about everything that a history may touch. */
export async function askRecorded(ask: Ask, asOf: number | string | null): Promise<unknown[]> {
  const answers: unknown[] = [];
  const answered = async <Data>(query: string, after: string | null): Promise<Data> => {
    const used = `${query.includes("...Facts") ? FACTS : ""} ${query.includes("...Table") ? TABLE : ""}`;
    const cursor = query.includes("$after") ? "$after: String" : "";
    const { data, errors } = await ask<Data>(`query ($asOf: ReleaseRef ${cursor}) { ${query} } ${used}`, {
      asOf,
      after,
    });
    expect(errors).toEqual([]);
    return data;
  };
  for (const query of QUERIES) answers.push(await answered(query, null));
  for (const query of PROFILES) {
    let page: PageInfo = { hasNextPage: true, endCursor: null };
    while (page.hasNextPage) {
      const { subject } = await answered<ProfilePage>(query, page.endCursor);
      answers.push(subject.profile.nodes);
      page = subject.profile.pageInfo;
    }
  }
  return answers;
}
