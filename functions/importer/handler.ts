import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { deadLetterQueue } from "../dead-letters.ts";
import { dynamoDbClient } from "../dynamodb-client.ts";
import { tableNames } from "../environment.ts";
import { importerSettings } from "./environment.ts";
import { importerFunction } from "./function.ts";

const settings = importerSettings(process.env);

/** The Lambda function behind the upload queue. */
export const handler = importerFunction({
  ...settings,
  s3: new S3Client({ maxAttempts: 5, requestHandler: { connectionTimeout: 3000, socketTimeout: 20_000 } }),
  client: dynamoDbClient(),
  tables: tableNames(process.env),
  deadLetters: deadLetterQueue(new SQSClient({}), settings.deadLetterQueueUrl),
  tempDir: join(tmpdir(), "gazetteer-importer"),
  now: Date.now,
  // Past Lambda's console, which would make a text of the line in a line of its own, whose level is always INFO.
  log: (line) => process.stdout.write(`${line}\n`),
});
