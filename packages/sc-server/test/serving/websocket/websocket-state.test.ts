import { describe, expect, it } from '@jest/globals';
import { nextWebSocketState, type WebSocketCause, type WebSocketState } from '../../../src/websocket/state.js';

const causes: WebSocketCause[] = ['sendClose', 'closeFrame', 'violation', 'connectionEnded', 'connectionClosed'];
const nothing = undefined;

describe('The states of a WebSocket', () => {
  it.each<[WebSocketState, (WebSocketState | undefined)[]]>([
    ['open', ['closeSent', 'ending', 'ending', 'ending', 'closed']],
    ['closeSent', [nothing, 'ending', 'ending', 'ending', 'closed']],
    ['ending', [nothing, nothing, nothing, nothing, 'closed']],
    ['closed', [nothing, nothing, nothing, nothing, nothing]],
  ])('after %s are those of RFC 6455', (state, expected) => {
    expect(causes.map((cause) => nextWebSocketState(state, cause))).toEqual(expected);
  });
});
