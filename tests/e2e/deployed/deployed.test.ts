import { afterAll, beforeAll, describe } from "vitest";
import { environmentNamed } from "../../../infra/environments.ts";
import { synthesize } from "../../infra/synthesized.ts";
import { type DeployedPortal, deploy } from "../../support/deployed.ts";
import { describeDumps } from "./dumps.ts";
import { describePermissions } from "./permissions.ts";
import { describePublishing } from "./publishing.ts";
import { describeRequests } from "./requests.ts";
import { describeStart } from "./start.ts";
import { describeWebhooks } from "./webhooks.ts";

/**
 * What is synthesized for an environment is what runs here: its tables, buckets, queues and routes, each function from
 * its bundle under its own role. The parts build on each other: what is asked for is what was published, and what was
 * done in all of them is held against the policies.
 */
let portal: DeployedPortal;
beforeAll(async () => {
  portal = await deploy(synthesize(environmentNamed("staging"), { bundled: true }));
});
afterAll(() => portal?.close());

describe("each function", () => describeStart(() => portal));
describe("a release in the upload bucket", () => describePublishing(() => portal));
describe("dumps", () => describeDumps(() => portal));
describe("webhooks", () => describeWebhooks(() => portal));
describe("the routes", () => describeRequests(() => portal));
describe("the policies", () => describePermissions(() => portal));
