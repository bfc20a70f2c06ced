import { InvalidArgumentsError, jsonCodec, type Codec } from 'sc-protocol';

/** Which codecs a server's sockets use. Sockets keep the one they began with. */
export interface CodecChoice {
  /** For sockets that did not agree on another; JSON when `undefined`. */
  engine: Codec | undefined;
  /** Codecs that a client may select by WebSocket subprotocol. */
  readonly offered: Codec[];
}

/** The codec of a socket that agreed on this subprotocol, '' for none. */
export function codecOf({ engine, offered }: CodecChoice, subprotocol: string): Codec {
  const agreed = offered.find((one) => one.subprotocol !== undefined && one.subprotocol === subprotocol);
  return agreed ?? engine ?? jsonCodec;
}

/** Describes the problem of a value that should be a codec, as the end of a sentence. */
export function codecProblem(value: unknown): string | undefined {
  const candidate = value as Partial<Codec> | null | undefined;
  const works = typeof candidate?.encode === 'function' && typeof candidate.decode === 'function';
  return works ? undefined : 'must have the functions encode and decode';
}

/** Refuses what is no codec. */
export function checkCodec(codec: Codec): Codec {
  const problem = codecProblem(codec);
  if (problem !== undefined) throw new InvalidArgumentsError(`A codec ${problem}`);
  return codec;
}

/** Returns the codec. Throws `InvalidArgumentsError` when clients cannot choose it. */
export function checkOfferedCodec(codec: Codec): Codec {
  if (checkCodec(codec).subprotocol !== undefined) return codec;
  throw new InvalidArgumentsError('The codec must name a subprotocol');
}
