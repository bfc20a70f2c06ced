import type { RawFrame } from 'sc-protocol';
import type { SocketCore } from '../socket/socket-core.js';

/** Data that is no frame goes to the application as a `raw` event. */
export function handleRaw(core: SocketCore, { value }: RawFrame): void {
  core.socket.announce('raw', value);
}
