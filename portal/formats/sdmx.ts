import type { ObservedSeries } from "../observations/rows.ts";
import type { Frequency } from "../series/time-period.ts";
import { typeOf } from "./csv.ts";

/**
 * The observations as an SDMX dataflow: what both SDMX formats say of them. Ids are those of SDMX's cross-domain
 * concepts where there is one; SUBJECT_TYPE, SUBJECT and RELEASE are ours.
 */
export const AGENCY = "GAZETTEER";
export const DATAFLOW = `${AGENCY}:OBSERVATIONS(1.0.0)`;
export const DATAFLOW_URN = `urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=${DATAFLOW}`;

/** In the order of the key. */
export const DIMENSIONS = ["FREQ", "INDICATOR", "REF_AREA", "SUBJECT_TYPE", "SUBJECT", "TIME_PERIOD"] as const;
export const MEASURE = "OBS_VALUE";
export const ATTRIBUTES = ["OBS_STATUS", "UNIT_MEASURE", "SOURCE", "RELEASE", "COMMENT_OBS"] as const;

/** SDMX's code for "not applicable": a dimension is never empty, which in a deletion would mean every value. */
const NOT_APPLICABLE = "_Z";

/** The dimensions of a series, in the order of the key: all but the time period. */
export function seriesKeyOf({
  frequency,
  metric,
  subject,
  region,
}: ObservedSeries): [string, string, string, string, string] {
  const area = region === "" ? NOT_APPLICABLE : region;
  const id = subject.slice(subject.indexOf(":") + 1);
  return [frequency, metric, area, typeOf(subject), id];
}

/** CL_FREQ. */
export const FREQUENCY_NAMES: Readonly<Record<Frequency, string>> = {
  A: "Annual",
  S: "Half-yearly, semester",
  Q: "Quarterly",
  M: "Monthly",
  W: "Weekly",
  D: "Daily",
};

/** CL_OBS_STATUS; `T` is our extension. */
export const STATUS_NAMES: Readonly<Record<string, string>> = {
  A: "Normal value",
  P: "Provisional value",
  E: "Estimated value",
  F: "Forecast value",
  T: "Target",
  M: "Missing value; data cannot exist",
  O: "Missing value",
  Q: "Missing value; suppressed",
};
