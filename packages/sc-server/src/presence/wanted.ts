import { Buffer } from 'node:buffer';
import { PayloadTooLargeError, encodeJson, type SubscribeRequest } from 'sc-protocol';

/** The presence of a subscription, as allowed by the line "subscribe". */
export interface PresenceWanted {
  /** Whether the client's user becomes a member. */
  readonly join: boolean;
  readonly info: unknown;
  readonly members: true | 'count' | undefined;
}

/** Maximum bytes of a client's info as JSON. */
export const maxInfoBytes = 1024;

/** The presence that a request asks for, before the line "subscribe" has run. */
export function presenceWanted({ join, members }: SubscribeRequest): PresenceWanted | undefined {
  if (join === undefined && members === undefined) return undefined;
  const info = join === undefined || join === true ? undefined : join.info;
  return { join: join !== undefined, info, members };
}

/** Throws `PayloadTooLargeError` if a client's info is too large to be sent to all receivers. */
export function checkInfo({ channel, join }: SubscribeRequest): void {
  if (join === undefined || join === true || join.info === undefined) return;
  const bytes = Buffer.byteLength(encodeJson(join.info));
  if (bytes <= maxInfoBytes) return;
  throw new PayloadTooLargeError(
    `The info of a member of "${channel}" must be at most ${maxInfoBytes} bytes of JSON, got ${bytes}`,
    { max: maxInfoBytes, actual: bytes },
  );
}
