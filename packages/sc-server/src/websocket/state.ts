/**
 * - `open`: frames go both ways.
 * - `closeSent`: the server has said that it closes, and waits for the client to say so too.
 * - `ending`: both have said so, or the client broke the rules; the connection is being ended.
 * - `closed`: the connection is gone, or another process has it.
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

/** The state that follows, or `undefined` when the cause changes nothing (RFC 6455 §7.1). */
export function nextWebSocketState(state: WebSocketState, cause: WebSocketCause): WebSocketState | undefined {
  return transitions[state][cause];
}
