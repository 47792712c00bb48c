import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { acknowledge } from "./acknowledge.ts";
import { removalPolicyOf } from "./removal-policy.ts";

export interface SealingKeysProps {
  readonly environment: Environment;
  /** "the keys that …" */
  readonly purpose: string;
  /** Why nobody rotates them but people, for the auditor. */
  readonly rotation: string;
}

/** The first key's id; rotation counts on from it. */
const FIRST_KEY = "k1";

/** 43 characters of the base64url alphabet are 32 bytes. */
const KEY_CHARACTERS = 43;

/**
 * Keys of functions, made inside Secrets Manager and seen by nobody: `{"seals":"k1","k1":"…"}`. All of them are known,
 * the one that `seals` names is used for what is new; `infra/secrets/` makes the next values.
 */
export class SealingKeys extends Construct {
  readonly secretArn: string;
  readonly secretName: string;

  constructor(scope: Construct, id: string, { environment, purpose, rotation }: SealingKeysProps) {
    super(scope, id);
    const secret = new Secret(this, "Secret", {
      description: `Gazetteer ${environment.name}: ${purpose}`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ seals: FIRST_KEY }),
        generateStringKey: FIRST_KEY,
        passwordLength: KEY_CHARACTERS,
        excludePunctuation: true,
      },
      // What was made with them outlives the region in which it was made.
      replicaRegions: environment.replicaRegions.map((region) => ({ region })),
      removalPolicy: removalPolicyOf(environment),
    });
    acknowledge(secret, "AwsSolutions-SMG4", rotation);
    this.secretArn = secret.secretArn;
    this.secretName = secret.secretName;
  }
}
