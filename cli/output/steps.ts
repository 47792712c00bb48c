import { bar, count, type ProgressOptions } from "./progress.ts";

/** Terminals get a line that is written anew this often, anything else a line now and then; milliseconds. */
const REDRAW_MS = 100;
const LINE_MS = 10_000;

/** Shows how far a piece of work of several steps has come. */
export class Steps {
  readonly #options: Pick<ProgressOptions, "stream" | "now">;
  #step = "";
  #shown = 0;

  constructor(options: Pick<ProgressOptions, "stream" | "now">) {
    this.#options = options;
  }

  /** @param total undefined where nobody knows how much there is. */
  show(step: string, done: number, unit: string, total?: number): void {
    const { now, stream } = this.#options;
    const isDone = done === total;
    if (step === this.#step && !isDone && now() - this.#shown < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
    this.#step = step;
    this.#shown = now();
    const parts = [step.padEnd(12)];
    if (total && stream.isTTY) parts.push(bar(done / total));
    parts.push(`${count(done)}${total === undefined ? "" : ` of ${count(total)}`} ${unit}`);
    const line = parts.join("  ");
    stream.write(stream.isTTY ? `\r${line.slice(0, (stream.columns ?? 80) - 1)}\u001b[K` : `${line}\n`);
  }

  /** Clears the line, for what comes after. */
  end(): void {
    if (this.#options.stream.isTTY && this.#step) this.#options.stream.write("\r\u001b[K");
    this.#step = "";
  }
}
