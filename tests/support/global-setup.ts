import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { launchDynamoDbLocal, whyNoDynamoDbLocal } from "./dynamodb-local.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The official engine of this test run; null where it cannot run. */
    dynamoDbLocalEndpoint: string | null;
  }
}

/**
 * Launches the official engine once for all test files and says which engines the store is tested on. What a run puts
 * into the folder for temporary files lies in a folder of its own there, and goes with it, however a test file ends.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = await mkdtemp(join(tmpdir(), "gazetteer-tests-"));
  process.env.TMPDIR = scratch;
  const obstacle = whyNoDynamoDbLocal();
  const engine = obstacle === undefined ? await launchDynamoDbLocal() : undefined;
  project.provide("dynamoDbLocalEndpoint", engine?.endpoint ?? null);
  console.log(`DynamoDB engines: dynalite, ${engine ? "DynamoDB Local" : `but not DynamoDB Local (${obstacle})`}`);
  return async () => {
    await engine?.stop();
    await rm(scratch, { recursive: true, force: true });
  };
}
