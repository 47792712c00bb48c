import { describe, expect, test } from "vitest";
import * as cell from "../../portal/releases/files/cells.ts";
import type { Columns } from "../../portal/releases/files/columns.ts";
import { type Row, readRows } from "../../portal/releases/files/csv.ts";
import { ProblemReport } from "../../portal/releases/problems.ts";

const columns: Columns = {
  id: { rule: cell.localId("platform"), required: true },
  name: { rule: cell.text(40) },
  launched_on: { rule: cell.partialDate },
};

async function read(content: string | Uint8Array, pieces = 1): Promise<{ rows: Row[]; problems: string[] }> {
  const bytes = Buffer.from(content as string);
  async function* stream() {
    const size = Math.max(Math.ceil(bytes.length / pieces), 1);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const report = new ProblemReport();
  const rows: Row[] = [];
  for await (const some of readRows("platforms.csv", stream(), columns, report)) rows.push(...some);
  return { rows, problems: report.problems.map(({ line, column, code }) => [line, column, code].join(" ")) };
}

const linesOf = (rows: readonly Row[]) => rows.map(({ line, values }) => [line, values.id]);

describe("the rows of a file", () => {
  test("carry their line, their header and what is not empty", async () => {
    const { rows, problems } = await read("id,name,launched_on\na,Alpha,\nb,,2018-03\n");
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      { line: 2, action: "M", header: ["id", "name", "launched_on"], values: { id: "a", name: "Alpha" } },
      { line: 3, action: "M", header: ["id", "name", "launched_on"], values: { id: "b", launched_on: "2018-03" } },
    ]);
  });

  test.for<[what: string, content: string]>([
    ["a byte order mark", "\ufeffid,name\na,A\nb,B\n"],
    ["CRLF line ends", "id,name\r\na,A\r\nb,B\r\n"],
    ["no line end at the end", "id,name\na,A\nb,B"],
    ["quoted cells", '"id","name"\n"a","A"\n"b","B"\n'],
    ["spaces around cells", "id,name\n a , A\n b ,B \n"],
    ["columns in another order", "name,id\nA,a\nB,b\n"],
  ])("are the same with %s", async ([, content]) => {
    const { rows, problems } = await read(content);
    expect(problems).toEqual([]);
    expect(rows.map(({ line, values }) => [line, values.id, values.name])).toEqual([
      [2, "a", "A"],
      [3, "b", "B"],
    ]);
  });

  test("keep quotes, commas and any script in a quoted cell", async () => {
    const { rows } = await read('id,name\na,"Say ""贵阳"", please 🏞️"\n');
    expect(rows[0]?.values.name).toBe('Say "贵阳", please 🏞️');
  });

  test("are the same however the bytes are cut, also within a character", async () => {
    const content = '\ufeffid,name\r\na,"两行\r\n一格"\r\nb,贵阳\r\n';
    const whole = await read(content);
    for (const pieces of [2, 7, content.length * 3]) expect(await read(content, pieces)).toEqual(whole);
    expect(linesOf(whole.rows)).toEqual([
      [2, "a"],
      [4, "b"],
    ]);
  });

  test("say what to do with them", async () => {
    const { rows, problems } = await read("id,action\na,\nb,M\nc,D\nd,X\n");
    expect(rows.map(({ action }) => action)).toEqual(["M", "M", "D"]);
    expect(problems).toEqual(["5 action INVALID_VALUE"]);
  });
});

describe("line numbers", () => {
  test.for<[what: string, content: string, problem: string]>([
    ["behind cells of several lines", 'id,name\na,"one\ntwo\nthree"\nb,B\nbad id,C\n', "6 id INVALID_VALUE"],
    ["of a row of several lines are its first", 'id,name\na,A\nbad id,"one\ntwo"\n', "3 id INVALID_VALUE"],
    ["behind cells of several lines with CRLF", 'id,name\r\na,"one\r\ntwo"\r\nbad id,C\r\n', "4 id INVALID_VALUE"],
    ["behind empty lines", "id,name\n\na,A\n\n\nbad id,C\n", "6 id INVALID_VALUE"],
    ["behind a header of several lines", 'id,"name"\na,A\nbad id,C\n', "3 id INVALID_VALUE"],
  ])("%s are those of an editor", async ([, content, problem]) => {
    expect((await read(content)).problems).toEqual([problem]);
  });
});

describe("a broken header", () => {
  test.for<[what: string, content: string, problem: string]>([
    ["an unknown column", "id,nmae\na,A\n", "1 nmae UNKNOWN_COLUMN"],
    ["a column named like something of JavaScript's", "id,constructor\na,A\n", "1 constructor UNKNOWN_COLUMN"],
    ["a column twice", "id,name,name\na,A,B\n", "1 name DUPLICATE_COLUMN"],
    ["a column without a name", "id,\na,\n", "1  UNKNOWN_COLUMN"],
    ["a missing column", "name\nA\n", "1 id MISSING_COLUMN"],
    ["no header at all", "", "1 id MISSING_COLUMN"],
    ["column names in capitals", "ID,name\na,A\n", "1 ID UNKNOWN_COLUMN"],
  ])("with %s ends the file", async ([, content, problem]) => {
    const { rows, problems } = await read(content);
    expect(rows).toEqual([]);
    expect(problems).toContain(problem);
  });
});

describe("a broken row", () => {
  test.for<[what: string, content: string, problem: string]>([
    ["with too few cells", "id,name\na\nb,B\n", "2  BROKEN_ROW"],
    ["with too many cells", "id,name\na,A,extra\nb,B\n", "2  BROKEN_ROW"],
    ["with a bad id", "id,name\nA b,A\nb,B\n", "2 id INVALID_VALUE"],
    ["with a bad date", "id,launched_on\na,2023-02-29\nb,\n", "2 launched_on INVALID_VALUE"],
    ["with a cell that is too long", `id,name\na,${"x".repeat(41)}\nb,B\n`, "2 name TOO_LONG"],
    ["with a control character", "id,name\na,A\u0007\nb,B\n", "2 name INVALID_VALUE"],
  ])("%s is left out and the others are read", async ([, content, problem]) => {
    const { rows, problems } = await read(content);
    expect(problems).toEqual([problem]);
    expect(linesOf(rows)).toEqual([[3, "b"]]);
  });

  test("with bytes that are not UTF-8 is left out", async () => {
    const latin1 = Buffer.concat([Buffer.from("id,name\na,"), Buffer.from([0xe9]), Buffer.from("\nb,B\n")]);
    const { rows, problems } = await read(latin1);
    expect(problems).toEqual(["2 name INVALID_VALUE"]);
    expect(linesOf(rows)).toEqual([[3, "b"]]);
  });

  test("names every bad cell of the row", async () => {
    const { problems } = await read("id,name,launched_on\nA b,\u0007,soon\n");
    expect(problems).toEqual(["2 id INVALID_VALUE", "2 name INVALID_VALUE", "2 launched_on INVALID_VALUE"]);
  });
});

describe("broken quotes", () => {
  test.for<[what: string, content: string]>([
    ["that are never closed", 'id,name\na,A\nb,"B\nc,C\n'],
    ["inside a bare cell", 'id,name\na,A\nb,B"B\n'],
    ["behind a quoted cell", 'id,name\na,A\nb,"B"B\nc,C\n'],
    ["in a row that never ends", `id,name\na,A\nb,"${"B".repeat(70_000)}`],
  ])("%s are reported with their line, and the rows before them are read", async ([, content]) => {
    for (const size of [5, 100_000]) {
      const { rows, problems } = await read(content, size);
      expect(problems).toEqual(["3  BROKEN_ROW"]);
      expect(linesOf(rows)).toEqual([[2, "a"]]);
    }
  });

  test("cannot swallow the rest of a large file into memory", async () => {
    const { problems } = await read(`id,name\na,"${"x\n".repeat(100_000)}`, 10);
    expect(problems).toEqual([expect.stringMatching(/BROKEN_ROW$/)]);
  });
});
