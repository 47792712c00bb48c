import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { acknowledge } from "./acknowledge.ts";
import { removalPolicyOf } from "./removal-policy.ts";

/** As functions/http/origin.ts reads it. */
export const ORIGIN_KEY_HEADER = "x-origin-key";

/** 43 letters and digits hold 256 bits. */
const KEY_CHARACTERS = 43;

/**
 * The keys in which functions recognize CloudFront, made inside Secrets Manager: `{"k1":"…"}`. All of them are good;
 * the environment says which one CloudFront sends. `infra/secrets/rotate-origin-keys.ts` makes the next value.
 */
export class OriginKeys extends Construct {
  readonly secretArn: string;
  readonly secretName: string;
  /** A reference that CloudFormation resolves when it sets up CloudFront: the key itself is in no template. */
  readonly sent: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const secret = new Secret(this, "Secret", {
      description: `Gazetteer ${environment.name}: the keys that CloudFront proves itself with`,
      generateSecretString: {
        secretStringTemplate: "{}",
        // Fixed: another name would have the whole secret made anew.
        generateStringKey: "k1",
        passwordLength: KEY_CHARACTERS,
        excludePunctuation: true,
      },
      removalPolicy: removalPolicyOf(environment),
    });
    acknowledge(
      secret,
      "AwsSolutions-SMG4",
      "CloudFront learns a new key with a deploy, which no rotation function could make. docs/operations.md, Rotate the origin keys, says how, without downtime.",
    );
    this.secretArn = secret.secretArn;
    this.secretName = secret.secretName;
    // Who may read the distribution's settings sees the key there: it opens nothing but the way past the firewall.
    this.sent = secret.secretValueFromJson(environment.originKey).unsafeUnwrap();
  }
}
