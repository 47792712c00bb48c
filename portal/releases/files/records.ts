import { StringDecoder } from "node:string_decoder";
import { parse } from "csv-parse";

/** A piece of a file. */
type Bytes = AsyncIterable<Uint8Array>;

/** The most characters that a record may have. */
const MAX_RECORD = 65_536;

/** No character takes more bytes than three in UTF-8 for one in UTF-16: this many are within the limit however it is counted. */
const SURELY_SHORT = MAX_RECORD / 3;

/** Pieces are read as text by so many bytes at a time. */
const PIECE = 65_536;

const QUOTE = '"';

/**
 * All records of a CSV file, header included: UTF-8 with or without byte order mark, any line ends, the first of which
 * decides. One promise for many of them, for at millions of rows the promises would cost most.
 *
 * A record without quotes is what stands between its commas. Files of millions of rows are of such records, and are
 * split here; from the first quote on the file is the parser's, at several times the cost.
 *
 * @throws CsvError for quotes that stand where they cannot, and for records that are too long, behind the records
 * before it.
 */
export async function* readRecords(bytes: Bytes): AsyncGenerator<string[][]> {
  const pieces = textOf(bytes);
  try {
    yield* recordsOf(pieces);
  } finally {
    // Whoever stops early leaves no file open.
    await pieces.return(undefined);
  }
}

async function* recordsOf(pieces: AsyncGenerator<string, undefined>): AsyncGenerator<string[][]> {
  let rest = "";
  let lineEnd: string | undefined;
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
    const text = rest + piece.value;
    lineEnd ??= firstLineEnd(text);
    const records = text.includes(QUOTE) ? undefined : text.split(lineEnd ?? "\n");
    if (!records || records.some((record) => record.length > SURELY_SHORT)) {
      yield* parsedFrom(text, pieces, lineEnd);
      return;
    }
    rest = records.pop() as string;
    if (records.length > 0) yield records.map(cellsOf);
  }
  if (rest !== "") yield [cellsOf(lineEnd === undefined ? rest.replace(/\r$/, "") : rest)];
}

function cellsOf(record: string): string[] {
  return record.split(",");
}

/** The file as text, cut anywhere but within a character. */
async function* textOf(bytes: Bytes): AsyncGenerator<string, undefined> {
  const decoder = new StringDecoder("utf8");
  let isFirst = true;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; at += PIECE) {
      const text = decoder.write(
        Buffer.from(chunk.buffer, chunk.byteOffset + at, Math.min(PIECE, chunk.byteLength - at)),
      );
      if (text === "") continue;
      yield isFirst && text.startsWith("\ufeff") ? text.slice(1) : text;
      isFirst = false;
    }
  }
  const end = decoder.end();
  if (end !== "") yield end;
}

/**
 * Undefined where none is there yet, where a CR is the last that is known, as a LF may follow, and where a quote comes
 * first: what is in quotes ends no line.
 */
function firstLineEnd(text: string): string | undefined {
  const at = text.search(/[\r\n"]/);
  if (at < 0 || text[at] === QUOTE || (text[at] === "\r" && at === text.length - 1)) return undefined;
  return text.startsWith("\r\n", at) ? "\r\n" : text[at];
}

/** The records of the rest of a file, piece by piece; those before an error come before it. */
async function* parsedFrom(
  text: string,
  pieces: AsyncGenerator<string, undefined>,
  lineEnd: string | undefined,
): AsyncGenerator<string[][]> {
  let records: string[][] = [];
  const parser = parse({
    relax_column_count: true,
    max_record_size: MAX_RECORD,
    ...(lineEnd === undefined ? {} : { record_delimiter: lineEnd }),
    // Taken here, as a stream that fails forgets what nobody has read yet.
    on_record: (record: string[]) => {
      records.push(record);
      return null;
    },
  });
  let failure: Error | undefined;
  const noteFailure = (error: Error | null | undefined) => {
    failure ??= error ?? undefined;
  };
  parser.on("error", noteFailure).resume();
  const taken = () => {
    const all = records;
    records = [];
    return all;
  };
  try {
    for (let piece: string | undefined = text; piece !== undefined && !failure; piece = (await pieces.next()).value) {
      await settled((done) => parser.write(Buffer.from(piece as string), done)).catch(noteFailure);
      if (records.length > 0) yield taken();
    }
    if (!failure) await settled((done) => parser.end(done)).catch(noteFailure);
    if (records.length > 0) yield taken();
    if (failure) throw failure;
  } finally {
    parser.destroy();
  }
}

function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}
