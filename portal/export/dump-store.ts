/** Where dumps are read. */
export interface DumpReader {
  /** The text of a small object and what tells its state from any other; undefined where there is none. */
  read(key: string): Promise<StoredDocument | undefined>;
  /** The size of an object in bytes; undefined where there is none. */
  sizeOf(key: string): Promise<number | undefined>;
}

/** Where dumps are written. */
export interface DumpWriter {
  /** Writes an object of any size as it comes: all of it, or, when the body or the store fails, none of it. */
  write(key: string, body: AsyncIterable<Uint8Array>, mediaType: string): Promise<void>;
  /** Writes a small object at once, over whatever stands there. */
  writeDocument(key: string, text: string): Promise<void>;
}

/** Where dumps follow each other, whoever writes them. */
export interface DumpStore extends DumpReader, DumpWriter {
  /**
   * Writes a small object where nobody else wrote meanwhile.
   * @param over what was read there, null for nothing.
   * @returns whether it was written.
   */
  replaceDocument(key: string, text: string, over: StoredDocument | null): Promise<boolean>;
}

export interface StoredDocument {
  readonly text: string;
  readonly tag: string;
}
