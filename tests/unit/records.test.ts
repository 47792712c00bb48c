import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRecords } from "../../portal/releases/files/records.ts";

async function read(content: string | Buffer, size: number, read: string[][] = []): Promise<string[][]> {
  const bytes = Buffer.from(content as string);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  for await (const records of readRecords(pieces())) read.push(...records);
  return read;
}

/** What the parser makes of the whole file, or the code of its complaint. */
function parsed(content: string): string[][] | string {
  try {
    return parse(content, { bom: true, relax_column_count: true, max_record_size: 65_536 });
  } catch (error) {
    return (error as CsvError).code;
  }
}

const plain = fc.string({ unit: fc.constantFrom("a", "0", " ", "-", "贵", "é", "🏞"), maxLength: 6 });
const cell = fc.oneof(
  { weight: 8, arbitrary: plain },
  { weight: 1, arbitrary: fc.constantFrom('"a"', '"a,b"', '"a\nb"', '"a""b"', '"', 'a"b', "\r", "\t") },
);
const file = fc
  .record({
    records: fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
    end: fc.constantFrom("\n", "\r\n", "\r"),
    last: fc.boolean(),
    mark: fc.boolean(),
  })
  .map(({ records, end, last, mark }) => {
    const lines = records.map((cells) => cells.join(","));
    return (mark ? "\ufeff" : "") + lines.join(end) + (last && lines.length > 0 ? end : "");
  });

describe("the records of a file", () => {
  test("are those of the parser, with quotes and without, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.integer({ min: 1, max: 40 }), async (content, size) => {
        const whole = parsed(content);
        // An empty file and one of a mark alone have no record for either.
        if (typeof whole === "string") await expect(read(content, size)).rejects.toMatchObject({ code: whole });
        else expect(await read(content, size)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test("of a large file come whole, behind the first quote as well", async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => [
      `${i}`,
      `value ${i}`,
      i === 20_000 ? "quoted, here" : "贵阳",
    ]);
    const content = lines
      .map((cells) => cells.map((text) => (text.includes(",") ? `"${text}"` : text)).join(","))
      .join("\n");
    expect(await read(content, 100_000)).toEqual(lines);
  });

  test.for<[what: string, content: string]>([
    ["without a quote", `a,b\n1,2\n${"x".repeat(70_000)},3\n`],
    ["that never ends", `a,b\n1,2\n${"x".repeat(300_000)}`],
  ])("that is too long, %s, is refused behind those before it", async ([, content]) => {
    const before: string[][] = [];
    const refused = read(content, 65_536, before);
    await expect(refused).rejects.toBeInstanceOf(CsvError);
    await expect(refused).rejects.toMatchObject({ code: "CSV_MAX_RECORD_SIZE" });
    expect(before).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  test("with a quote where none can be is refused behind those before it, far into a file as well", async () => {
    const before: string[][] = [];
    const refused = read(`${"1,2\n".repeat(50_000)}3,a"b\n4,5\n`, 65_536, before);
    await expect(refused).rejects.toMatchObject({ code: "INVALID_OPENING_QUOTE" });
    expect(before).toHaveLength(50_000);
  });
});
