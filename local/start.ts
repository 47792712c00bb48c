import { join } from "node:path";
import { InvalidReleaseError } from "../portal/releases/problems.ts";
import { parseArguments, usage } from "./arguments.ts";
import { describeLoaded, startPortal } from "./portal.ts";
import { StartError } from "./start-error.ts";

const RELEASES = join(import.meta.dirname, "../data/releases");

async function main(): Promise<void> {
  const { port, dataDir, logLevel, help } = parseArguments(process.argv.slice(2), process.env);
  if (help) {
    console.log(usage);
    return;
  }
  console.log("Publishing the releases under data/ …");
  const began = performance.now();
  const portal = await startPortal({ port, dataDir, logLevel, releases: RELEASES });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`
${describeLoaded(portal.loaded)}

Ready after ${seconds} s. Press Ctrl-C to stop.

  GraphiQL  ${portal.url}/
  GraphQL   ${portal.url}/graphql
  Partners  ${portal.url}/v1/metrics
  Health    ${portal.url}/health
  DynamoDB  ${portal.dynamodb}   (npx gazetteer status --endpoint ${portal.dynamodb})
${dataDir === undefined ? "\nThe database is in memory: nothing is left behind. Keep it with --data-dir <path>." : ""}`);
  stopOnSignal(() => portal.close());
}

/** Ctrl-C ends the requests under way and the database; a second one ends everything at once. */
function stopOnSignal(close: () => Promise<void>): void {
  const stop = () => {
    console.log("\nStopping …");
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

main().catch((error: unknown) => {
  if (error instanceof StartError) console.error(error.message);
  else if (error instanceof InvalidReleaseError) console.error(`${error.origin}: ${error.message}`);
  else console.error(error);
  process.exit(error instanceof StartError ? error.exitCode : 1);
});
