import type { AnyEntity } from "../catalogue/entities.ts";
import { entityOf, standsAt } from "../catalogue/items.ts";
import { typePartition } from "../catalogue/placement.ts";
import type { EntityType } from "../identifiers.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Item, textOf } from "../store/requests.ts";

/**
 * All entities of a type in region order, historical regions last, a megabyte of the index at a time. An entry counts
 * where the version that the vintage sees stands, as in every list.
 */
export async function* readEntities(
  { store, scope, vintage }: Snapshot,
  type: EntityType,
): AsyncGenerator<AnyEntity[]> {
  const partitions = type === "region" ? [typePartition(type), typePartition(type, true)] : [typePartition(type)];
  for (const value of partitions) {
    let position = "";
    let startAfter: Item | undefined;
    do {
      const { items, next } = await store.queryPage(
        {
          table: store.tables.catalogue,
          index: "byRegion",
          partition: { attribute: "type", value },
          ...(startAfter ? { startAfter } : {}),
        },
        scope,
      );
      const entities: AnyEntity[] = [];
      for (const item of items) {
        const entity = entityOf(item, vintage);
        const place = textOf(item, "place") ?? "";
        // An entity that came back to where it was has two entries at one position.
        if (!entity || place === position || !standsAt(item, entity, "type", "place")) continue;
        position = place;
        entities.push(entity);
      }
      if (entities.length > 0) yield entities;
      startAfter = next;
    } while (startAfter);
  }
}
