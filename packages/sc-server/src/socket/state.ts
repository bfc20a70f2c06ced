/** `connecting` until the handshake is answered, then `open`. `closed` is final. */
export type SocketState = 'connecting' | 'open' | 'closed';
export type SocketCause = 'handshakeDone' | 'closed';

/** The state after `cause`; `undefined` if the state does not change. */
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
