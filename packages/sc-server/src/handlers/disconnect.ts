import { closeCodes, type DisconnectFrame } from 'sc-protocol';
import { canBeSent } from '../websocket/close-code.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Closes the socket when a client of an early generation announces that it is about to close its WebSocket. */
export function handleDisconnect(core: SocketCore, { code, reason }: DisconnectFrame): void {
  core.close(canBeSent(code) ? code : closeCodes.normal, reason);
}
