import type { PublishOptions, PublishSummary } from "../../portal/releases/summary.ts";
import { Progress } from "../output/progress.ts";
import { summaryTable, validationTable } from "../output/table.ts";
import { openRelease } from "../release-files.ts";
import type { Result, Session } from "./session.ts";

/** Publishes a folder or .zip file; a dry run, or `validate`, only says what that would do. */
export async function publish(
  session: Session,
  path: string,
  { dryRun, settleMs }: { readonly dryRun: boolean; readonly settleMs?: number | undefined },
): Promise<Result> {
  const release = await openRelease(path);
  try {
    const publisher = session.target.publisher(settleMs);
    const { summary, ms } = await timed(session, release.fractionRead, (options) =>
      dryRun ? publisher.validate(release.files, options) : publisher.publish(release.files, options),
    );
    const text = dryRun
      ? `${path} holds together; nothing was written.\n\n${validationTable(summary, ms)}`
      : `${conclusion(summary)}\n\n${summaryTable(summary, ms)}`;
    return { json: { origin: path, dryRun, ms, summary }, text };
  } finally {
    release.close();
  }
}

/** Publishes a release that undoes another. */
export async function revert(session: Session, release: number, settleMs?: number): Promise<Result> {
  const publisher = session.target.publisher(settleMs);
  const { summary, ms } = await timed(
    session,
    () => 0,
    (options) => publisher.revert(release, options),
  );
  const { impossible } = summary;
  const done = summary.published
    ? `Release ${release} is undone by release ${summary.release}.`
    : `Nothing is left to undo: release ${summary.release} holds all of it.`;
  const stays = ["What could not be undone:", ...impossible].join("\n  ");
  const parts = [done, ...(impossible.length > 0 ? [stays] : []), summaryTable(summary, ms)];
  return { json: { reverts: release, ms, summary }, text: parts.join("\n\n") };
}

function conclusion({ published, release }: PublishSummary): string {
  return published ? `Published as release ${release}.` : `Nothing new: release ${release} holds all of it.`;
}

/** Runs a publication under a progress bar and until somebody wants it to stop. */
async function timed(
  { now, stderr, stopping, beginWriting }: Session,
  fractionRead: () => number,
  run: (options: PublishOptions) => Promise<PublishSummary>,
): Promise<{ summary: PublishSummary; ms: number }> {
  const progress = new Progress({ stream: stderr, now, fractionRead });
  const began = now();
  try {
    const summary = await run({
      onProgress: (step) => {
        if (step.phase === "STAGING" || step.phase === "COMMITTING") beginWriting();
        progress.show(step);
      },
      remainingMs: () => (stopping() ? 0 : Number.POSITIVE_INFINITY),
    });
    return { summary, ms: Math.round(now() - began) };
  } finally {
    progress.end();
  }
}
