import { S3Client } from "@aws-sdk/client-s3";
import { Store } from "../../portal/store/store.ts";
import { DumpBucket } from "../dumps/bucket.ts";
import { dynamoDbClient } from "../dynamodb-client.ts";
import { tableNames } from "../environment.ts";
import { exporterSettings } from "./environment.ts";
import { exporterFunction } from "./function.ts";

const { bucket } = exporterSettings(process.env);

/** The Lambda function that writes dumps: called by a schedule, and by whoever knows of a new release. */
export const handler = exporterFunction({
  store: new Store({
    // It has minutes where a request has seconds: throttled, it waits.
    client: dynamoDbClient({ maxAttempts: 10 }),
    tables: tableNames(process.env),
  }),
  dumps: new DumpBucket(
    new S3Client({ maxAttempts: 5, requestHandler: { connectionTimeout: 3000, socketTimeout: 20_000 } }),
    bucket,
  ),
  // Past Lambda's console, which would make a text of the line in a line of its own, whose level is always INFO.
  log: (line) => process.stdout.write(`${line}\n`),
  now: Date.now,
});
