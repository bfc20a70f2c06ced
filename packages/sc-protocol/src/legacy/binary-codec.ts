import type { Codec } from '../codec.js';

/**
 * Makes a codec of a codec engine published for SocketCluster that works on bytes, such as `sc-codec-min-bin`. Engines
 * like it take text for a list of byte lengths and change the arrays they encode; here text stays raw data and a batch
 * is copied first.
 */
export function binaryCodec(engine: Codec): Codec {
  return {
    ...(engine.subprotocol !== undefined && { subprotocol: engine.subprotocol }),
    encode: (value) => engine.encode(Array.isArray(value) ? [...(value as unknown[])] : value),
    decode: (message) => (typeof message === 'string' ? message : engine.decode(message)),
  };
}
