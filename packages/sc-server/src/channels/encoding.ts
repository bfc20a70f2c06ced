import {
  answerText,
  dialects,
  encodeJson,
  InvalidFrameError,
  jsonCodec,
  maxNestingDepth,
  publicationText,
  type Codec,
  type Dialect,
  type PublicationPosition,
  type ResponseFrame,
  type ServerFrame,
} from 'sc-protocol';
import { isDeeper } from '../limits/frame-rules.js';
import { checkMsgpack, isMsgpack } from './msgpack-scan.js';
import { decodePayload } from './payload.js';
import { frameAround, frameMessage, type Outgoing } from '../websocket/outgoing.js';

/**
 * The frame encoding of one group of sockets, by codec. A publication is encoded once for each encoding in use; it is
 * the same in every dialect that shares an encoding.
 */
export interface Encoding {
  readonly codec: Codec;
  /** Whether frames are binary messages; text messages are then raw data. */
  readonly isBinary: boolean;
  /** Decodes a message of a client. Throws if it is invalid or declares more content than it contains. */
  decode(message: string | Uint8Array): unknown;
  /** Encodes a frame. Throws the codec's error if the data cannot be encoded. */
  frame(frame: ServerFrame, dialect: Dialect): Outgoing;
  /** Encodes several frames as one array. Throws like `frame`. */
  batch(frames: readonly ServerFrame[], dialect: Dialect): Outgoing;
  /** Encodes a publication. `payload` is the JSON of the data, or empty for no data. */
  framePublication(channel: string, payload: Uint8Array, position?: PublicationPosition): Buffer;
}

const jsonEnd = Buffer.from('}}');

/** JSON: the payload is copied between precomputed bytes without being parsed. */
export const jsonEncoding: Encoding = {
  codec: jsonCodec,
  isBinary: false,
  decode: (message) => jsonCodec.decode(message),
  frame: (frame, dialect) => jsonResponse(frame, dialect) ?? (jsonCodec.encode(dialect.toWire(frame)) as string),
  batch: (frames, dialect) => jsonCodec.encode(frames.map(dialect.toWire)) as string,
  framePublication(channel, payload, position) {
    return frameAround(publicationText(channel, payload.length > 0, position), payload, jsonEnd);
  },
};

/** Hot path. Formats simple responses without creating a wire object first. */
function jsonResponse(frame: ServerFrame, { toWire }: Dialect): string | undefined {
  if (frame.type !== 'response' || frame.error !== undefined || toWire !== dialects.v2.toWire) return undefined;
  const { responseId, data, position, duplicate }: ResponseFrame = frame;
  if (position !== undefined || duplicate !== undefined) return undefined;
  switch (typeof data) {
    case 'undefined':
      return answerText(responseId);
    case 'string':
    case 'number':
    case 'boolean':
      return answerText(responseId, encodeJson(data));
    default:
      return undefined;
  }
}

/**
 * The encodings of one server, one for each codec in use, so that sockets with the same codec share encoded
 * publications.
 */
export class Encodings {
  readonly #byCodec = new WeakMap<Codec, Encoding>();

  of(codec: Codec): Encoding {
    if (codec === jsonCodec) return jsonEncoding;
    let encoding = this.#byCodec.get(codec);
    if (encoding === undefined) {
      encoding = createEncoding(codec);
      this.#byCodec.set(codec, encoding);
    }
    return encoding;
  }
}

/** Values that detect whether a codec's output is MessagePack. */
const probes: readonly unknown[] = [{}, { a: [1, null, 'text', 1.5] }, ['a', true, -1, { b: {} }]];

function createEncoding(codec: Codec): Encoding {
  const isBinary = typeof codec.encode({}) !== 'string';
  const isPacked = isBinary && probes.every((probe) => isMsgpack(codec.encode(structuredClone(probe))));
  return {
    codec,
    isBinary,
    decode(message) {
      // Do not pass text to a binary codec: some interpret it as a length and allocate memory for it.
      if (isBinary && typeof message === 'string') return message;
      if (isPacked && typeof message !== 'string') checkMsgpack(message);
      const value = codec.decode(message);
      if (isDeeper(value, maxNestingDepth + 4)) {
        throw new InvalidFrameError(`A message must not be nested deeper than ${maxNestingDepth} levels`, {
          field: 'data',
          limit: 'nesting',
        });
      }
      return value;
    },
    frame: (frame, dialect) => frameMessage(codec.encode(dialect.toWire(frame))),
    batch: (frames, dialect) => frameMessage(codec.encode(frames.map(dialect.toWire))),
    framePublication(channel, payload, position) {
      const data = decodePayload(payload);
      return frameMessage(codec.encode(dialects.v2.toWire({ type: 'publication', channel, data, ...position })));
    },
  };
}
