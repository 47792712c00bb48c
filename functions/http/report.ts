import type { Report } from "./log.ts";
import { requestLog } from "./log-lines.ts";
import { requestMetrics } from "./metrics.ts";

/**
 * What a deployed function tells of each request: a log line and its metrics. Powertools takes some milliseconds to
 * load, so handlers import this module while they wait for their secrets.
 */
export function lambdaReport(): Report {
  const [log, metrics] = [requestLog(), requestMetrics()];
  return (request) => {
    log(request);
    metrics(request);
  };
}
