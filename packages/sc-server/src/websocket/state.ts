/**
 * - `open`: frames are sent and received.
 * - `closeSent`: the server has sent a close frame and waits for that of the client.
 * - `ending`: both ends have sent a close frame, or the client violated the protocol; the connection is being ended.
 * - `closed`: the connection has ended or was handed to another process.
 */
export type WebSocketState = 'open' | 'closeSent' | 'ending' | 'closed';

export type WebSocketCause = 'sendClose' | 'closeFrame' | 'violation' | 'connectionEnded' | 'connectionClosed' | 'move';

const transitions: Readonly<Record<WebSocketState, Readonly<Partial<Record<WebSocketCause, WebSocketState>>>>> = {
  open: {
    sendClose: 'closeSent',
    closeFrame: 'ending',
    violation: 'ending',
    connectionEnded: 'ending',
    connectionClosed: 'closed',
    move: 'closed',
  },
  closeSent: {
    closeFrame: 'ending',
    violation: 'ending',
    connectionEnded: 'ending',
    connectionClosed: 'closed',
  },
  ending: { connectionClosed: 'closed' },
  closed: {},
};

/** The state after `cause`; `undefined` if the state does not change (RFC 6455 §7.1). */
export function nextWebSocketState(state: WebSocketState, cause: WebSocketCause): WebSocketState | undefined {
  return transitions[state][cause];
}
