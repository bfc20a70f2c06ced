import minBin from 'sc-codec-min-bin';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { settings } from './settings.js';

/** Sets the requested codec on a server. */
export function useCodec(scServer) {
  switch (settings.codec) {
    case 'json':
      return;
    case 'msgpack':
      scServer.addCodec(msgpackCodec);
      return;
    case 'min-bin':
      scServer.setCodecEngine(minBin);
      return;
    default:
      throw new Error(`CODEC must be json, msgpack or min-bin, got ${settings.codec}`);
  }
}
