import type { AnyEntity, Entity, EntityBodies, Named } from "../../portal/catalogue/entities.ts";
import type { NumberedChange } from "../../portal/releases/changes.ts";

/** Entities as `/v1` shows them. What is not known is null; ids of other things are global ones. */

type Shape = { readonly [T in keyof EntityBodies]: (entity: Entity<T>) => Readonly<Record<string, unknown>> };

const names = ({ nameEn, nameZh }: Named) => ({ names: { en: nameEn ?? null, zh: nameZh ?? null } });

const SHAPES: Shape = {
  region: ({ localId, body }) => ({
    code: localId,
    level: body.level,
    ...names(body),
    parent: body.parent ?? null,
    iso3166: body.iso3166 ?? null,
    isAggregate: body.isAggregate ?? false,
    validFrom: body.validFrom ?? null,
    validTo: body.validTo ?? null,
    replacedBy: body.replacedBy ?? [],
    source: body.source ?? null,
  }),
  agency: ({ body }) => ({
    level: body.level,
    ...names(body),
    region: body.region ?? null,
    establishedOn: body.establishedOn ?? null,
    source: body.source ?? null,
    note: body.note ?? null,
  }),
  platform: ({ body }) => ({
    kind: body.kind,
    ...names(body),
    region: body.region ?? null,
    operator: body.operator ?? null,
    launchedOn: body.launchedOn ?? null,
    url: body.url ?? null,
    source: body.source ?? null,
    note: body.note ?? null,
  }),
  complex: ({ body }) => ({
    kind: body.kind,
    ...names(body),
    region: body.region ?? null,
    establishedOn: body.establishedOn ?? null,
    source: body.source ?? null,
    note: body.note ?? null,
  }),
  metric: ({ body }) => ({
    ...names(body),
    unit: body.unit,
    topic: body.topic,
    definition: body.definition ?? null,
    partOf: body.partOf ?? null,
    maximum: body.maximum ?? null,
  }),
  source: ({ body }) => ({
    title: body.title,
    publisher: body.publisher ?? null,
    publishedOn: body.publishedOn ?? null,
    url: body.url ?? null,
    language: body.language ?? null,
    note: body.note ?? null,
  }),
  release: ({ localId, body }) => ({
    number: Number(localId),
    title: body.title,
    publisher: body.publisher,
    publishedOn: body.publishedOn,
    knownOn: body.knownOn,
    committedAt: body.committedAt,
    claims: body.claims,
    entities: body.entities,
    changes: body.changes,
    lastChange: body.lastChange,
    digest: body.digest,
  }),
};

export function entityJson(entity: AnyEntity): Readonly<Record<string, unknown>> {
  const shape = SHAPES[entity.type] as (entity: AnyEntity) => Readonly<Record<string, unknown>>;
  // A release is itself the release that brought it.
  const brought = entity.type === "release" ? {} : { release: entity.release };
  return { id: entity.id, ...shape(entity), ...brought };
}

const KINDS: Readonly<Record<string, string>> = {
  region: "REGION",
  agency: "AGENCY",
  platform: "PLATFORM",
  complex: "INDUSTRIAL_COMPLEX",
  metric: "METRIC",
  source: "SOURCE",
  release: "RELEASE",
  series: "SERIES",
};

export function changeJson({ sequence, release, action, node, observations }: NumberedChange) {
  return {
    sequence,
    release,
    action,
    kind: KINDS[node.slice(0, node.indexOf(":"))],
    node,
    observations: observations.map((change) => ({
      timePeriod: change.timePeriod,
      action: change.action,
      old: headlineJson(change.old),
      new: headlineJson(change.new),
      claims: change.claims.map(({ source, status, value, publishedOn, note }) => ({
        source: `source:${source}`,
        withdrawn: status === null,
        value,
        status,
        publishedOn: publishedOn || null,
        note: note || null,
      })),
    })),
  };
}

function headlineJson(headline: NumberedChange["observations"][number]["old"]) {
  return headline && { value: headline.value, status: headline.status, source: `source:${headline.source}` };
}
