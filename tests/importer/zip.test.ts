import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, type ReleaseFiles, releaseFolder } from "../../portal/releases/files/folder.ts";
import { type ReleaseZipOptions, releaseZip } from "../../portal/releases/files/zip.ts";
import { InvalidReleaseError } from "../../portal/releases/problems.ts";
import { type ZipEntry, zipOf, zipOfFiles } from "./support/zip-writer.ts";

const FILES = {
  "release.json": '{"title":"T","publisher":"P","publishedOn":"2020-01-01"}',
  "sources.csv": "id,title\none,贵州 source\n",
  "metrics.csv": `id,name_en,unit,topic\n${"m".repeat(200_000)}`,
};

let folder: string;
let archives = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gazetteer-zip-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the archive, opens it as a release, and hands over what is made of it. */
async function withZip<T>(bytes: Uint8Array, use: (files: ReleaseFiles) => Promise<T>, options?: ReleaseZipOptions) {
  const path = join(folder, `${++archives}.zip`);
  await writeFile(path, bytes);
  const zip = await releaseZip(path, { origin: "release.zip", ...options });
  try {
    return await use(zip);
  } finally {
    zip.close();
  }
}

async function textOf(files: ReleaseFiles, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of files.open(name)) parts.push(bytes);
  return Buffer.concat(parts).toString();
}

/** `file: message` of everything that is wrong with an archive, if it can be read to its end at all. */
async function problemsOf(bytes: Uint8Array, options?: ReleaseZipOptions): Promise<string[]> {
  const error = await withZip(bytes, digestOf, options).catch((reason: unknown) => reason);
  if (!(error instanceof InvalidReleaseError)) throw new Error("the archive was taken", { cause: error });
  expect(error.origin).toBe("release.zip");
  return error.report.problems.map(({ file, message }) => `${file}: ${message}`);
}

describe("a release in an archive", () => {
  test("is its files, as often as they are read", async () => {
    await withZip(zipOfFiles(FILES), async (files) => {
      expect(files.names).toEqual(["metrics.csv", "release.json", "sources.csv"]);
      for (const [name, content] of [...Object.entries(FILES), ...Object.entries(FILES)]) {
        expect(await textOf(files, name)).toBe(content);
      }
    });
  });

  test("is the same release as the folder with these files", async () => {
    const path = join(folder, "release");
    await mkdir(path);
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(path, name), content);
    const digest = await digestOf(await releaseFolder(path));
    expect(await withZip(zipOfFiles(FILES), digestOf)).toBe(digest);
    expect(await withZip(zipOfFiles(FILES, "my-release/"), digestOf)).toBe(digest);
    const stored = Object.entries(FILES).map(([name, content]) => ({ name, content, method: 0 }));
    expect(await withZip(zipOf(stored.reverse()), digestOf)).toBe(digest);
  });

  test("may stand in one folder, beside what systems add by themselves", async () => {
    const entries: ZipEntry[] = [
      { name: "release/", content: "", method: 0, mode: 0o040755 },
      { name: "release/release.json", content: "{}", mode: 0o100644 },
      { name: "release/.DS_Store", content: "x" },
      { name: "__MACOSX/release/._release.json", content: "x" },
    ];
    expect(await withZip(zipOf(entries), async ({ names }) => names)).toEqual(["release.json"]);
  });

  test("is streamed: a reader that stops early leaves nothing open", async () => {
    await withZip(
      zipOf([{ name: "big.csv", content: Buffer.alloc(2_000_000, "0123456789"), method: 0 }]),
      async (files) => {
        for await (const bytes of files.open("big.csv")) {
          expect(bytes.length).toBeLessThanOrEqual(65_536);
          break;
        }
      },
    );
  });

  test("that is empty has no names", async () => {
    expect(await withZip(zipOf([]), async ({ names }) => names)).toEqual([]);
  });

  test("that is not there is no invalid release", async () => {
    await expect(releaseZip(join(folder, "nowhere.zip"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("what is refused", () => {
  const one = (entry: Partial<ZipEntry>): Buffer => zipOf([{ name: "a.csv", content: "id\n1\n", ...entry }]);

  test.for<[string, Buffer, string]>([
    ["text", Buffer.from("id,title\n"), "release.zip: is no zip archive, or is cut off"],
    ["nothing", Buffer.alloc(0), "release.zip: is no zip archive, or is cut off"],
    ["a cut archive", one({}).subarray(0, 50), "release.zip: is no zip archive, or is cut off"],
    ["a name with dots", one({ name: "../a.csv" }), "../a.csv: the name leads out of the archive"],
    ["dots deeper down", one({ name: "x/../../a.csv" }), "x/../../a.csv: the name leads out of the archive"],
    ["dots of Windows", one({ name: "..\\a.csv", flags: 0 }), "../a.csv: the name leads out of the archive"],
    ["an absolute name", one({ name: "/etc/passwd" }), "/etc/passwd: the name leads out of the archive"],
    ["a drive", one({ name: "C:\\a.csv", flags: 0 }), "C:/a.csv: the name leads out of the archive"],
    ["a link", one({ mode: 0o120777 }), "a.csv: is a link or a device, no file"],
    ["a file that is encrypted", one({ flags: 1 }), "a.csv: is encrypted"],
    ["an unknown method", one({ method: 93 }), "a.csv: is compressed by method 93; 0 and 8 (Deflate) are read"],
    ["a wrong checksum", one({ checksum: 7 }), "a.csv: is damaged: its checksum is not that of what was packed"],
    ["more than declared", one({ declaredSize: 2 }), "a.csv: is damaged: it does not inflate to what was packed"],
    ["less than declared", one({ declaredSize: 9 }), "a.csv: is damaged: it does not inflate to what was packed"],
  ])("%s", async ([, bytes, problem]) => {
    expect(await problemsOf(bytes)).toEqual([problem]);
  });

  test("files in different places, and twice", async () => {
    const names = ["a.csv", "x/b.csv", "a.csv"];
    expect(await problemsOf(zipOf(names.map((name) => ({ name, content: "" }))))).toEqual([
      "x/b.csv: stands in a folder; the files of a release stand together",
      "a.csv: stands in the archive twice",
    ]);
  });

  test("too many entries", async () => {
    const entries = Array.from({ length: 101 }, (_, i) => ({ name: `${i}.csv`, content: "" }));
    expect(await problemsOf(zipOf(entries))).toEqual(["release.zip: holds 101 entries; at most 100 are read"]);
  });

  test("more bytes than the limit, all files together", async () => {
    const entries = [1, 2].map((i) => ({ name: `${i}.csv`, content: "0".repeat(600) }));
    expect(await problemsOf(zipOf(entries), { maxBytes: 1000 })).toEqual([
      "release.zip: inflates to 1200 bytes; at most 1000 are read",
    ]);
  });

  test("a file that inflates out of proportion", async () => {
    const bomb = one({ content: Buffer.alloc(2 ** 21) });
    expect(await problemsOf(bomb)).toEqual(["a.csv: inflates to more than 300 times its size in the archive"]);
  });

  test("a bomb that lies about its size, as soon as it passes it", async () => {
    const bomb = one({ content: Buffer.alloc(2 ** 24), declaredSize: 1000 });
    const error = await withZip(bomb, async (files) => {
      let bytes = 0;
      for await (const part of files.open("a.csv")) bytes += part.length;
      return bytes;
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidReleaseError);
  });

  test("flipped bytes", async () => {
    const bytes = zipOfFiles(FILES);
    const inTheFirstFile = 30 + "release.json".length + 5;
    bytes[inTheFirstFile] = (bytes[inTheFirstFile] ?? 0) ^ 0xff;
    expect(await problemsOf(bytes)).toEqual([expect.stringMatching(/^release.json: is damaged/)]);
  });
});
