/** What publishing on AWS waits for, in milliseconds; an engine on one machine has nothing to wait for. */

/**
 * Between staging and commit, so that what was staged reaches every replica and index. Eventually consistent reads and
 * indexes follow within a second as a rule; what came later than this would be missed by a reader of the first moments.
 */
export const AWS_SETTLE_MS = 5000;

/** A reader learns of a release within seconds and answers within half a minute; nobody reads the one before by then. */
export const AWS_GRACE_MS = 60_000;

/** An importer that is killed keeps others waiting for as long. */
export const LEASE_MS = 60_000;
