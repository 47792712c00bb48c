import { Stack, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { portalTag, resourceName } from "../names.ts";

/** What every stack of the portal has: a name and a tag of its environment, and protection where that asks for it. */
export class PortalStack extends Stack {
  constructor(scope: Construct, environment: Environment, part: string, description: string, region?: string) {
    const { account, deletionProtection } = environment;
    super(scope, resourceName(environment, part), {
      description: `Gazetteer ${environment.name}: ${description}`,
      env: { region: region ?? environment.region, ...(account === "current" ? {} : { account }) },
      terminationProtection: deletionProtection,
    });
    // The budget counts what carries this tag.
    Tags.of(this).add("portal", portalTag(environment));
  }
}
