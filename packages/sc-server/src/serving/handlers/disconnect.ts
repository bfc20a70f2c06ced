import type { DisconnectFrame } from 'sc-protocol';
import type { SocketCore } from '../socket-core.js';

/** An old client says goodbye before it closes its WebSocket. */
export function handleDisconnect(core: SocketCore, { code, reason }: DisconnectFrame): undefined {
  core.close(code, reason);
}
