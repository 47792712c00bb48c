import { mapConcurrently } from "../portal/releases/concurrency.ts";
import { callScope } from "../portal/store/calls.ts";
import { chunks, type Item } from "../portal/store/requests.ts";
import { BATCH_PUT_LIMIT, type Store } from "../portal/store/store.ts";

/** Puts items into a table as they are, past the importer: what is measured here is reading. */
export async function fill(store: Store, table: string, items: readonly Item[]): Promise<void> {
  await mapConcurrently(chunks(items, BATCH_PUT_LIMIT), 8, (batch) => store.putBatch(table, batch, callScope(60_000)));
}
