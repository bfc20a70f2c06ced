import { Buffer } from 'node:buffer';
import { PayloadTooLargeError, encodeJson, type SubscribeRequest } from 'sc-protocol';

/** The part of a channel's presence that a subscription has, as the line "subscribe" allows it. */
export interface PresenceWanted {
  /** The client's user is to be a member. */
  readonly join: boolean;
  readonly info: unknown;
  readonly members: true | 'count' | undefined;
}

/** Most bytes of the JSON of an info that a client gives. */
export const maxInfoBytes = 1024;

/** The part that a request asks for, before the line "subscribe" has seen it. */
export function presenceWanted({ join, members }: SubscribeRequest): PresenceWanted | undefined {
  if (join === undefined && members === undefined) return undefined;
  const info = join === undefined || join === true ? undefined : join.info;
  return { join: join !== undefined, info, members };
}

/** Throws `PayloadTooLargeError` for an info of a client that is too large for everybody to be sent. */
export function checkInfo({ channel, join }: SubscribeRequest): void {
  if (join === undefined || join === true || join.info === undefined) return;
  const bytes = Buffer.byteLength(encodeJson(join.info));
  if (bytes <= maxInfoBytes) return;
  throw new PayloadTooLargeError(
    `The info of a member of "${channel}" must be at most ${maxInfoBytes} bytes of JSON, got ${bytes}`,
    { max: maxInfoBytes, actual: bytes },
  );
}
