import { closeCodes, type DisconnectFrame } from 'sc-protocol';
import { canBeSent } from '../websocket/close-code.js';
import type { SocketCore } from '../socket/socket-core.js';

/** An early client announces a close before it closes its WebSocket. */
export function handleDisconnect(core: SocketCore, { code, reason }: DisconnectFrame): void {
  core.close(canBeSent(code) ? code : closeCodes.normal, reason);
}
