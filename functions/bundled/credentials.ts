import { fromEnv } from "@aws-sdk/credential-provider-env";

/**
 * `@aws-sdk/credential-provider-node` in the bundle of a function: Lambda puts credentials into the environment, and
 * all other places where a laptop or a container may have some are 80 KB to look for them.
 */
export const defaultProvider = () => fromEnv();
