import { once } from "node:events";
import { dynamoDbClient } from "../../../functions/dynamodb-client.ts";
import { localClientConfig } from "../../../local/dynamodb.ts";
import { PortalError } from "../../../portal/errors.ts";
import { importerOn } from "../../support/publishing.ts";
import type { Errand, Outcome } from "./importer-child.ts";
import { KINDS } from "./kinds.ts";

/** An importer in a process of its own. It says when it is ready, waits for a word, publishes, and says what came of it. */
const { endpoint, tables, kind: name, leaseMs, clock, tempDir } = JSON.parse(process.argv[2] ?? "{}") as Errand;
const kind = KINDS.find((one) => one.name === name);
if (!kind) throw new Error(`there is no kind of release called ${name}`);
const importer = importerOn(
  { tables, client: (_, config) => dynamoDbClient({ ...localClientConfig(endpoint), ...config }) },
  { tempDir, now: clock === undefined ? Date.now : () => clock, ...kind.importer, ...(leaseMs ? { leaseMs } : {}) },
);
process.stdout.write("ready\n");
await once(process.stdin, "data");
const outcome: Outcome = await kind.publish(importer).then(
  ({ published }) => ({ published }),
  (error: unknown) => ({ code: error instanceof PortalError ? error.code : String(error) }),
);
process.stdout.write(JSON.stringify(outcome));
process.exit(0);
