import type { RawFrame } from 'sc-protocol';
import type { SocketCore } from '../socket/socket-core.js';

/** Passes data that is not a frame to the application as a `raw` event. */
export function handleRaw(core: SocketCore, { value }: RawFrame): void {
  core.socket.announce('raw', value);
}
