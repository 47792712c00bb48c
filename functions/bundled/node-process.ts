/**
 * `node:process` in the bundle of a function. A module that imports it gets all its exports at once, and three of them
 * open the standard streams when they are touched: some 4 ms of a cold start. The AWS SDK needs these two.
 */
export const { env, versions } = process;
