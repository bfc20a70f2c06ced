import { jsonCodec, type Codec, type ServerFrame, type Dialect } from 'sc-protocol';
import { frameMessage, frameParts } from './websocket-frame.js';

/**
 * How one group of sockets wants its frames: by codec. A publication is encoded once for each encoding in use.
 * Publications look the same in every dialect that shares an encoding.
 */
export interface Encoding {
  readonly codec: Codec;
  frame(frame: ServerFrame, dialect: Dialect): Buffer;
  /** `payload` is the JSON of the data, empty for none, as it came from the store. */
  framePublication(channel: string, payload: Uint8Array): Buffer;
}

const jsonEnd = Buffer.from('}}');

/** JSON: the payload is laid between ready-made bytes and never looked at. */
export const jsonEncoding: Encoding = {
  codec: jsonCodec,
  frame: (frame, dialect) => frameMessage(jsonCodec.encode(dialect.toWire(frame))),
  framePublication(channel, payload) {
    const start = `{"event":"#publish","data":{"channel":${JSON.stringify(channel)}`;
    if (payload.length === 0) return frameParts([Buffer.from(start), jsonEnd], false);
    return frameParts([Buffer.from(`${start},"data":`), payload, jsonEnd], false);
  },
};

export function createEncoding(codec: Codec, dialect: Dialect): Encoding {
  if (codec === jsonCodec) return jsonEncoding;
  return {
    codec,
    frame: (frame, own) => frameMessage(codec.encode(own.toWire(frame))),
    framePublication(channel, payload) {
      const data: unknown = decodePayload(payload);
      return frameMessage(codec.encode(dialect.toWire({ type: 'publication', channel, data })));
    },
  };
}

/** The data of a publication that came as payload. */
export function decodePayload(payload: Uint8Array): unknown {
  if (payload.length === 0) return undefined;
  return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
}
