/** Why the portal cannot start, in words for the person at the terminal; it is printed without a stack. */
export class StartError extends Error {
  /** 2 for a command that is wrong, 1 for everything else. */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StartError";
    this.exitCode = options.exitCode ?? 1;
  }
}
