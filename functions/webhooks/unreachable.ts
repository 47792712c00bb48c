/** Why nothing could be sent; the message is for people, partners among them. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}
