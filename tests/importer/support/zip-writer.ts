import { crc32, deflateRawSync } from "node:zlib";

/** One entry of an archive; every field but name and content can be made to lie. */
export interface ZipEntry {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** 8 deflates, anything else stores; 8 when left out. */
  readonly method?: number;
  /** General purpose bits: 1 says encrypted, 0x800 that the name is UTF-8 (the default). */
  readonly flags?: number;
  /** Upper half of the external attributes: a Unix mode. */
  readonly mode?: number;
  readonly declaredSize?: number;
  readonly checksum?: number;
}

/**
 * An archive in memory, written by the tables of APPNOTE.TXT 4.3: local headers with their content, the central
 * directory, and the record at its end. Good ones and, for that it is our own, bad ones.
 */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = pack(entry);
    const local = Buffer.concat([localHeader(packed), packed.name, packed.body]);
    central.push(Buffer.concat([centralHeader(packed, offset), packed.name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([...locals, directory, endRecord(entries.length, directory.length, offset)]);
}

/** The archive of a folder's worth of files. */
export function zipOfFiles(files: Readonly<Record<string, string | Uint8Array>>, folder = ""): Buffer {
  return zipOf(Object.entries(files).map(([name, content]) => ({ name: folder + name, content })));
}

interface Packed {
  readonly name: Buffer;
  readonly body: Buffer;
  readonly fields: Buffer;
  readonly mode: number;
}

/** The part that local and central headers share: from "version needed" to "uncompressed size", and both lengths. */
function pack({ name, content, method = 8, flags = 0x800, mode = 0, declaredSize, checksum }: ZipEntry): Packed {
  const plain = Buffer.from(content);
  const body = method === 8 ? deflateRawSync(plain) : plain;
  const nameBytes = Buffer.from(name);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(checksum ?? crc32(plain), 10);
  fields.writeUInt32LE(body.length, 14);
  fields.writeUInt32LE(declaredSize ?? plain.length, 18);
  fields.writeUInt16LE(nameBytes.length, 22);
  return { name: nameBytes, body, fields, mode };
}

function localHeader({ fields }: Packed): Buffer {
  return Buffer.concat([signature(0x04034b50), fields]);
}

function centralHeader({ fields, mode }: Packed, offset: number): Buffer {
  const rest = Buffer.alloc(14);
  rest.writeUInt16LE(mode, 8);
  rest.writeUInt32LE(offset, 10);
  const madeByUnix = Buffer.from([20, 3]);
  return Buffer.concat([signature(0x02014b50), madeByUnix, fields, rest]);
}

function endRecord(entries: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(18);
  record.writeUInt16LE(entries, 4);
  record.writeUInt16LE(entries, 6);
  record.writeUInt32LE(size, 8);
  record.writeUInt32LE(offset, 12);
  return Buffer.concat([signature(0x06054b50), record]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
