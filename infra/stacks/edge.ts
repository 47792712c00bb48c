import type { Construct } from "constructs";
import { Firewall } from "../constructs/firewall.ts";
import type { Environment } from "../environments.ts";
import { PortalStack } from "./portal-stack.ts";

/** What CloudFront takes from us-east-1 only, wherever the rest of the environment stands. */
export class EdgeStack extends PortalStack {
  readonly webAclArn: string;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, "edge", "firewall", "us-east-1");
    this.webAclArn = new Firewall(this, "Firewall", environment).webAclArn;
  }
}
