import { InvalidArgumentsError, type Codec } from 'sc-protocol';

/** Which codecs a server's sockets use. Sockets keep the one they began with. */
export interface CodecChoice {
  /** For sockets that did not agree on another; JSON when `undefined`. */
  engine: Codec | undefined;
  /** Those that a client may choose by WebSocket subprotocol. */
  readonly offered: Codec[];
}

/** Refuses what is no codec. */
export function checkCodec(codec: Codec): Codec {
  const candidate = codec as Partial<Codec> | null | undefined;
  if (typeof candidate?.encode === 'function' && typeof candidate.decode === 'function') return codec;
  throw new InvalidArgumentsError('A codec must have the functions encode and decode');
}
