import type { ExitCode } from "../failure.ts";
import type { ProgressOptions } from "../output/progress.ts";
import type { Target } from "../target.ts";

/** What a command works with. */
export interface Session {
  readonly target: Target;
  readonly stderr: ProgressOptions["stream"];
  /** Milliseconds, from any start. */
  readonly now: () => number;
  /** Whether somebody asked to stop. */
  readonly stopping: () => boolean;
  /** From here on a request to stop is heeded at the next checkpoint; before, it ends the program. */
  readonly beginWriting: () => void;
}

/** What a command has to say, to programs and to people. */
export interface Result {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly exitCode?: ExitCode;
}
