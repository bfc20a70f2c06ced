/** `connecting` until the handshake is answered, then `open`, then `closed` for good. */
export type SocketState = 'connecting' | 'open' | 'closed';
export type SocketCause = 'handshakeDone' | 'closed';

/** The state after `cause`, or `undefined` when it changes nothing. */
export function nextSocketState(state: SocketState, cause: SocketCause): SocketState | undefined {
  switch (cause) {
    case 'handshakeDone':
      return state === 'connecting' ? 'open' : undefined;
    case 'closed':
      return state === 'closed' ? undefined : 'closed';
    default:
      return cause satisfies never;
  }
}
