/**
 * `node:util` in the bundle of a function: an import of it touches every export, encoders that nothing uses among them.
 */
export const { isDeepStrictEqual, promisify } = process.getBuiltinModule("node:util");
