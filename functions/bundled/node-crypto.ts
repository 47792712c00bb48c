/** `node:crypto` in the bundle of a function: an import of it touches every export, WebCrypto among them. */
export const {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  getRandomValues,
  hash,
  randomInt,
  randomUUID,
  timingSafeEqual,
  randomBytes,
} = process.getBuiltinModule("node:crypto");
