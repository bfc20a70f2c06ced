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
 * How one group of sockets wants its frames: by codec. A publication is encoded once for each encoding in use.
 * Publications look the same in every dialect that shares an encoding.
 */
export interface Encoding {
  readonly codec: Codec;
  /** Whether frames are bytes; text is raw data then. */
  readonly isBinary: boolean;
  /** Decodes a message of a client. Throws for one that is invalid, or declares more content than it contains. */
  decode(message: string | Uint8Array): unknown;
  /** Throws what the codec throws for data that it cannot encode. */
  frame(frame: ServerFrame, dialect: Dialect): Outgoing;
  /** Several frames as one array. Throws likewise. */
  batch(frames: readonly ServerFrame[], dialect: Dialect): Outgoing;
  /** `payload` is the JSON of the data, empty for none. */
  framePublication(channel: string, payload: Uint8Array, position?: PublicationPosition): Buffer;
}

const jsonEnd = Buffer.from('}}');

/** JSON: the payload is laid between ready-made bytes and never looked at. */
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

/** Hot path: most answers are spelled without making an object of them first. */
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

/** The encodings of one server, one for each codec in use, so that sockets with the same codec share publications. */
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

/** Values whose encoding identifies the bytes of a codec. */
const probes: readonly unknown[] = [{}, { a: [1, null, 'text', 1.5] }, ['a', true, -1, { b: {} }]];

function createEncoding(codec: Codec): Encoding {
  const isBinary = typeof codec.encode({}) !== 'string';
  const isPacked = isBinary && probes.every((probe) => isMsgpack(codec.encode(structuredClone(probe))));
  return {
    codec,
    isBinary,
    decode(message) {
      // A codec that makes bytes is not asked about text: some take it for a length and make room for that.
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
