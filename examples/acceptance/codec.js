import minBin from 'sc-codec-min-bin';
import { settings } from './settings.js';

/** The options that give an `SCServer` the codec that was asked for. */
export async function codecOptions() {
  switch (settings.codec) {
    case 'json':
      return {};
    case 'msgpack': {
      const { msgpackCodec } = await import('sc-protocol/msgpack');
      return { codecs: [msgpackCodec] };
    }
    case 'min-bin':
      return { codecEngine: minBin };
    default:
      throw new Error(`CODEC must be json, msgpack or min-bin, got ${settings.codec}`);
  }
}
