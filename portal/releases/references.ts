import type { AnyEntity } from "../catalogue/entities.ts";
import { type EntityId, splitEntityId } from "../identifiers.ts";
import type { ProblemReport } from "./problems.ts";

/** Where something is said in the files of a release. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: string;
}

/** Loads the entities of the portal that exist among the ids. */
export type EntityLoader = (ids: readonly EntityId[]) => Promise<Map<EntityId, AnyEntity>>;

interface Declared {
  readonly action: "M" | "D";
}

/** How many places are remembered beside the first one of each entity: more than a report spells out. */
const MAX_PLACES = 10_000;

/** Where an entity is used: the first places of them. A release may speak a million times of what the portal has. */
interface Uses {
  count: number;
  readonly places: Place[];
}

/**
 * Who is referred to from where. What a release brings itself is known as soon as its row was read; the rest is
 * asked of the portal in one go.
 */
export class References {
  readonly #declared: ReadonlyMap<EntityId, Declared>;
  readonly #uses = new Map<EntityId, Uses>();
  /** Uses by rows that take back what was said: they may speak of what the release deletes. */
  readonly #usesOfOld = new Map<EntityId, Uses>();
  #room = MAX_PLACES;

  /** @param declared the entities of the release, as they are read. */
  constructor(declared: ReadonlyMap<EntityId, Declared>) {
    this.#declared = declared;
  }

  /** Notes a use of an entity that no row read so far declares; one that is declared stands already. */
  use(id: EntityId, file: string, line: number, column: string, takesBack = false): void {
    if (this.#declared.get(id)?.action === "M") return;
    const known = takesBack ? this.#usesOfOld : this.#uses;
    const uses = known.get(id);
    if (!uses) {
      known.set(id, { count: 1, places: [{ file, line, column }] });
      return;
    }
    uses.count += 1;
    if (this.#room === 0) return;
    this.#room -= 1;
    uses.places.push({ file, line, column });
  }

  /**
   * Checks every reference against what the release declares and what the portal has. Returns the entities of the
   * portal that the release declares anew or refers to.
   */
  async check(load: EntityLoader, report: ProblemReport): Promise<Map<EntityId, AnyEntity>> {
    const declared = this.#declared;
    const known = await load([...new Set([...declared.keys(), ...this.#uses.keys(), ...this.#usesOfOld.keys()])]);
    for (const [id, uses] of [...this.#uses, ...this.#usesOfOld]) {
      const own = declared.get(id);
      const stood = known.has(id) && (!own || this.#usesOfOld.get(id) === uses);
      if (own?.action === "M" || stood) continue;
      const message = own ? `${id} is deleted by this release` : `there is no ${id}, in this release or in the portal`;
      for (const place of uses.places) {
        report.add({ ...place, code: "UNKNOWN_REFERENCE", message, value: splitEntityId(id).localId });
      }
      report.addMore("UNKNOWN_REFERENCE", uses.count - uses.places.length);
    }
    return known;
  }
}
