import type { App } from "aws-cdk-lib";
import type { Environment } from "./environments.ts";
import { ApiStack } from "./stacks/api.ts";
import { DataStack } from "./stacks/data.ts";
import { EdgeStack } from "./stacks/edge.ts";
import { ObservabilityStack } from "./stacks/observability.ts";
import { PublishingStack } from "./stacks/publishing.ts";

/** All stacks of one environment, in the order in which they need each other. */
export function addPortal(app: App, environment: Environment): void {
  const data = new DataStack(app, environment);
  const webAclArn = environment.firewall ? new EdgeStack(app, environment).webAclArn : undefined;
  const api = new ApiStack(app, environment, { data, webAclArn });
  const publishing = new PublishingStack(app, environment, { data, portalUrl: api.url });
  new ObservabilityStack(app, environment, api, publishing);
}
