import { InvalidArgumentsError, jsonCodec, type Codec } from 'sc-protocol';

/** The codecs that a server's sockets use. A change does not affect open sockets. */
export interface CodecChoice {
  /** The codec of sockets that negotiated no other; JSON if `undefined`. */
  engine: Codec | undefined;
  /** Codecs that a client may select by WebSocket subprotocol. */
  readonly offered: Codec[];
}

/** The codec for a negotiated subprotocol; '' for none. */
export function codecOf({ engine, offered }: CodecChoice, subprotocol: string): Codec {
  const agreed = offered.find((one) => one.subprotocol !== undefined && one.subprotocol === subprotocol);
  return agreed ?? engine ?? jsonCodec;
}

/** Describes why a value is not a codec, as the end of a sentence; `undefined` if it is one. */
export function codecProblem(value: unknown): string | undefined {
  const candidate = value as Partial<Codec> | null | undefined;
  const works = typeof candidate?.encode === 'function' && typeof candidate.decode === 'function';
  return works ? undefined : 'must have the functions encode and decode';
}

/** Returns the codec. Throws `InvalidArgumentsError` if the value is not a codec. */
export function checkCodec(codec: Codec): Codec {
  const problem = codecProblem(codec);
  if (problem !== undefined) throw new InvalidArgumentsError(`A codec ${problem}`);
  return codec;
}

/** Returns the codec. Throws `InvalidArgumentsError` if it has no subprotocol by which clients can choose it. */
export function checkOfferedCodec(codec: Codec): Codec {
  if (checkCodec(codec).subprotocol !== undefined) return codec;
  throw new InvalidArgumentsError('The codec must name a subprotocol');
}
