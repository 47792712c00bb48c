import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { type Report, serviceName } from "./log.ts";

const NAMESPACE = "Gazetteer";

/**
 * What a request counts for, in CloudWatch's embedded metric format: one line per request, no call to CloudWatch.
 * `POWERTOOLS_METRICS_NAMESPACE` and `POWERTOOLS_SERVICE_NAME` (the one dimension) come from the environment.
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function requestMetrics(env: NodeJS.ProcessEnv = process.env): Report {
  const metrics = new Metrics({
    namespace: env.POWERTOOLS_METRICS_NAMESPACE || NAMESPACE,
    serviceName: serviceName(env),
  });
  return ({ record, status, durationMs, headAge }) => {
    const { failures, meter, sharedMeter, cached, bucketFailed } = record;
    metrics
      .addMetric("Requests", MetricUnit.Count, 1)
      .addMetric("Errors", MetricUnit.Count, failures.length > 0 ? 1 : 0)
      .addMetric("Latency", MetricUnit.Milliseconds, durationMs)
      .addMetric("ReadUnits", MetricUnit.Count, (meter?.readUnits ?? 0) + (sharedMeter?.readUnits ?? 0))
      .addMetric("CacheHits", MetricUnit.Count, cached ? 1 : 0)
      .addMetric("Throttles", MetricUnit.Count, status === TOO_MANY_REQUESTS ? 1 : 0)
      .addMetric("BucketFailures", MetricUnit.Count, bucketFailed ? 1 : 0);
    if (headAge !== undefined) metrics.addMetric("HeadAge", MetricUnit.Seconds, headAge);
    metrics.publishStoredMetrics();
  };
}

const TOO_MANY_REQUESTS = 429;
