import type { Entity } from "../catalogue/entities.ts";

export interface ReleaseMessageOptions {
  /** The release before it in the portal; 0 for the first. */
  readonly previous: number;
  /** Where the portal answers, without a slash at the end; relative links when it is empty. */
  readonly portalUrl: string;
}

/**
 * What partners are told of a release, in the form that the Standard Webhooks specification recommends. It is made of what
 * the release is and of nothing else: made twice, it is the same.
 */
export function releaseMessage(
  { localId, body }: Entity<"release">,
  { previous, portalUrl }: ReleaseMessageOptions,
): string {
  const after = previous === 0 ? "" : `?after=release:${previous}`;
  return JSON.stringify({
    type: "release.published",
    timestamp: body.committedAt,
    data: {
      release: Number(localId),
      ...{ title: body.title, publisher: body.publisher, publishedOn: body.publishedOn },
      counts: { claims: body.claims, entities: body.entities, changes: body.changes },
      links: {
        release: `${portalUrl}/v1/releases/${localId}`,
        changes: `${portalUrl}/v1/changes${after}`,
        dumps: `${portalUrl}/v1/dumps`,
      },
    },
  });
}

/** What a partner is sent to see whether it arrives. */
export function testMessage(webhook: string, now: number): string {
  return JSON.stringify({ type: "webhook.test", timestamp: new Date(now).toISOString(), data: { webhook } });
}

/**
 * The header webhook-id: one for each release and webhook, the same in every attempt. It has no dot, since dots part
 * what is signed.
 */
export function messageId(webhook: string, release: number): string {
  return `release-${release}-${webhook}`;
}
