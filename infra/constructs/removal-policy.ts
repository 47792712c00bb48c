import { RemovalPolicy } from "aws-cdk-lib";
import type { Environment } from "../environments.ts";

/** What is retained goes all the same when the deploy that makes it fails: nothing is in it yet, and its name would be taken. */
export function removalPolicyOf({ removalPolicy }: Environment): RemovalPolicy {
  return removalPolicy === "RETAIN" ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
