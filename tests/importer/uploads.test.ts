import { describe, expect, test } from "vitest";
import { readMessage, UnreadableMessageError } from "../../functions/importer/uploads.ts";
import { notification } from "./support/notifications.ts";

const read = (...records: object[]) => readMessage(JSON.stringify({ Records: records }), "uploads");

describe("a message of the upload queue", () => {
  test("names the uploads in it, with their keys decoded", () => {
    const { uploads, ignored } = read(
      notification({ key: "2024/my+release+%281%29.zip", eTag: "e1", size: 7, sequencer: "0A" }),
      notification({ key: "%E8%B4%B5%E9%98%B3%2B.ZIP" }),
    );
    expect(ignored).toEqual([]);
    expect(uploads).toMatchObject([
      { key: "2024/my release (1).zip", eTag: "e1", size: 7, sequencer: "0A" },
      { key: "贵阳+.ZIP" },
    ]);
  });

  test.for<[string, object, string]>([
    ["another bucket's", notification({ bucket: "others" }), "release.zip is in the bucket others, not in uploads"],
    [
      "a removal",
      notification({ eventName: "ObjectRemoved:Delete" }),
      "release.zip: ObjectRemoved:Delete is no upload",
    ],
    ["its own reports", notification({ key: "a.zip.report.json" }), "a.zip.report.json is no .zip file"],
  ])("leaves out %s", ([, record, reason]) => {
    const { uploads, ignored } = read(record, notification({ key: "b.zip" }));
    expect(ignored).toEqual([reason]);
    expect(uploads.map(({ key }) => key)).toEqual(["b.zip"]);
  });

  test("that S3 sends when the notification is set up asks for nothing", () => {
    const body = JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "uploads" });
    expect(readMessage(body, "uploads")).toEqual({ uploads: [], ignored: ["a test event of S3"] });
  });

  test("of another kind of upload is one, too", () => {
    const kinds = ["Put", "Post", "Copy", "CompleteMultipartUpload"];
    const { uploads } = read(...kinds.map((kind) => notification({ eventName: `ObjectCreated:${kind}` })));
    expect(uploads).toHaveLength(kinds.length);
  });

  test.for<[string, string]>([
    ["", "the message is no JSON object"],
    ["release.zip", "the message is no JSON object"],
    ["[]", "the message is no JSON object"],
    ["null", "the message is no JSON object"],
    ["{}", "the message is no S3 event notification"],
    ['{"Records":[{}]}', "a record of the message is no S3 event notification"],
    ['{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"}}}]}', "a record of the message is no"],
    [JSON.stringify({ Records: [notification({ key: "%E8.zip" })] }), "the key %E8.zip is not URL-encoded"],
  ])("%s is unreadable", ([body, message]) => {
    expect(() => readMessage(body, "uploads")).toThrow(UnreadableMessageError);
    expect(() => readMessage(body, "uploads")).toThrow(message);
  });
});
