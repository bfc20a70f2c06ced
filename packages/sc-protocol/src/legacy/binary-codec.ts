import type { Codec } from '../codec.js';

/**
 * Wraps a binary codec engine published for SocketCluster, such as `sc-codec-min-bin`. These engines misread text as a
 * list of byte lengths and modify the arrays they encode; here text stays raw data and a batch is copied first.
 */
export function binaryCodec(engine: Codec): Codec {
  return {
    ...(engine.subprotocol !== undefined && { subprotocol: engine.subprotocol }),
    encode: (value) => engine.encode(Array.isArray(value) ? [...(value as unknown[])] : value),
    decode: (message) => (typeof message === 'string' ? message : engine.decode(message)),
  };
}
