import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { EnvironmentError } from "./environment-checks.ts";
import { environmentNamed } from "./environments.ts";
import { addPortal } from "./portal.ts";

/** The CDK app: `cdk synth -c env=dev`. */
try {
  const app = new App({ analyticsReporting: false });
  const environment = environmentNamed(app.node.tryGetContext("env"));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  addPortal(app, environment);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
