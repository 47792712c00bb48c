import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { ReleaseFiles } from "../../../portal/releases/files/folder.ts";
import { zipOfFiles } from "../../importer/support/zip-writer.ts";
import { HISTORY, says } from "../../publishing/support/history.ts";
import { deletions, longSeries, newClaims, regionMoved, spilling } from "../../publishing/support/kinds.ts";
import type { DeployedPortal } from "../../support/deployed.ts";
import { platform } from "../../support/made-up-world.ts";
import { madeUp } from "../../support/releases.ts";
import { contentOf, deadLetters, drop, filesOf, functionNamed, HOUR, remove, uploadBucket } from "./uploading.ts";

/** The history of a country, and on top of it releases that leave out no way of writing. */
const RELEASES: readonly ReleaseFiles[] = [
  ...HISTORY,
  ...(await Promise.all([newClaims, deletions, spilling, regionMoved].map(filesOf))),
  madeUp({ "observations.csv": longSeries("92", 50) }, "2024-04-01", "a series of several items"),
  madeUp({ "observations.csv": [says("92", "1949", "7")] }, "2024-04-02", "one more observation of it"),
];

function movedTo(region: string, origin: string): ReleaseFiles {
  return madeUp({ "platforms.csv": [platform("south-data", "South Data", "OPEN_DATA", region)] }, "2024-04-03", origin);
}

export function describePublishing(portal: () => DeployedPortal): void {
  const importer = () => functionNamed(portal(), "importer");

  test.for(RELEASES.map((release, i) => [release.origin, i] as const))("is published: %s", async ([origin, i]) => {
    // What a release leaves behind for readers of the one before is swept once nobody reads that any more.
    importer().setClockAhead(i * HOUR);
    const release = RELEASES[i] as ReleaseFiles;
    const report = await drop(portal(), `${origin}.zip`, zipOfFiles(await contentOf(release)));
    expect(report).toMatchObject({ status: "PUBLISHED", summary: { release: i + 1, published: true } });
  });

  test("is published although the function died at another one, which was then taken away", async () => {
    const [dies, follows] = [movedTo("92", "dies"), movedTo("9002", "follows")];
    dieAfterSeries(portal(), () => remove(portal(), "dies.zip"));
    const began = await drop(portal(), "dies.zip", zipOfFiles(await contentOf(dies)));
    expect(began.status).toBe("IMPORTING");
    // Until then the place of whoever died is kept for it.
    importer().setClockAhead(RELEASES.length * HOUR);
    const report = await drop(portal(), "follows.zip", zipOfFiles(await contentOf(follows)));
    expect(report).toMatchObject({ status: "PUBLISHED", summary: { release: RELEASES.length + 2 } });
  });

  test("is known again under another name", async () => {
    const archive = zipOfFiles(await contentOf(RELEASES[0] as ReleaseFiles));
    const report = await drop(portal(), "once-more.zip", archive);
    expect(report).toMatchObject({ status: "UNCHANGED", summary: { release: 1, published: false } });
  });

  test("that does not hold together is refused with a report, and its message is kept", async () => {
    const bad = madeUp({ "regions.csv": [{ code: "93", parent_code: "nowhere", level: "PROVINCE", name_en: "West" }] });
    const report = await drop(portal(), "bad.zip", zipOfFiles(await contentOf(bad)));
    expect(report).toMatchObject({ status: "REJECTED", problems: { total: expect.any(Number) } });
    const [letter, ...more] = deadLetters(portal());
    expect(more).toEqual([]);
    expect(letter?.attributes.report?.StringValue).toBe(`s3://${uploadBucket(portal())}/bad.zip.report.json`);
    expect(JSON.parse(letter?.body ?? "")).toMatchObject({ Records: [{ s3: { object: { key: "bad.zip" } } }] });
  });

  test("is told of by S3 only; any other message is kept with the reason", async () => {
    const queue = portal()
      .templates.resources("AWS::SQS::Queue")
      .find(({ ref }) => ref.endsWith("-uploads"));
    portal().queues.send(queue?.ref.split("/").at(-1) ?? "", { body: "hello", attributes: {} });
    await portal().queues.idle();
    expect(deadLetters(portal()).at(-1)).toMatchObject({
      body: "hello",
      attributes: { reason: { StringValue: expect.stringContaining("no JSON") } },
    });
  });

  test("is a zip: other files wake nobody", async () => {
    const before = importer().invocations;
    await portal().s3.send(new PutObjectCommand({ Bucket: uploadBucket(portal()), Key: "notes.txt", Body: "notes" }));
    await portal().queues.idle();
    expect(importer().invocations).toBe(before);
  });
}

/** Ends the importer once it has staged series and goes on to the catalogue. */
function dieAfterSeries(portal: DeployedPortal, then: () => Promise<void>): void {
  let staged = false;
  let died = false;
  portal.onAct(({ function: name, action, resource }) => {
    if (died || !name.endsWith("-importer") || !/:(PutItem|BatchWriteItem)$/.test(action)) return undefined;
    if (resource.endsWith("-series")) staged = true;
    died = staged && resource.endsWith("-catalogue");
    return died ? then().finally(() => functionNamed(portal, "importer").kill()) : undefined;
  });
}
