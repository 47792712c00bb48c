/**
 * `@apollo/utils.createhash` in the bundle of a function: bundled, it does not find Node's and hashes every query in
 * JavaScript, with 30 KB of packages for that.
 */
export { createHash } from "node:crypto";
