import { describe, expect, it } from '@jest/globals';
import { nextWebSocketState, type WebSocketCause, type WebSocketState } from '../../../src/websocket/state.js';

const causes: WebSocketCause[] = [
  'sendClose',
  'closeFrame',
  'violation',
  'connectionEnded',
  'connectionClosed',
  'move',
];
const nothing = undefined;

describe('The states of a WebSocket', () => {
  it.each<[WebSocketState, (WebSocketState | undefined)[]]>([
    ['open', ['closeSent', 'ending', 'ending', 'ending', 'closed', 'closed']],
    ['closeSent', [nothing, 'ending', 'ending', 'ending', 'closed', nothing]],
    ['ending', [nothing, nothing, nothing, nothing, 'closed', nothing]],
    ['closed', [nothing, nothing, nothing, nothing, nothing, nothing]],
  ])('after %s are those of RFC 6455', (state, expected) => {
    expect(causes.map((cause) => nextWebSocketState(state, cause))).toEqual(expected);
  });
});
