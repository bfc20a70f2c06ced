import { describe, expect, it } from '@jest/globals';
import { type AuthCause, type AuthState, authSteps, nextAuthStep } from '../src/auth-state.js';
import { type SocketCause, type SocketState, nextSocketStep, socketSteps } from '../src/socket-state.js';

const socketRows: [SocketState, SocketCause, SocketState, string | undefined][] = [
  ['closed', 'connect', 'connecting', undefined],
  ['closed', 'opened', 'closed', undefined],
  ['closed', 'closed', 'closed', undefined],
  ['connecting', 'connect', 'connecting', undefined],
  ['connecting', 'opened', 'open', undefined],
  ['connecting', 'closed', 'closed', 'connectAbort'],
  ['open', 'connect', 'open', undefined],
  ['open', 'opened', 'open', undefined],
  ['open', 'closed', 'closed', 'disconnect'],
];

const authRows: [AuthState, AuthCause, AuthState, string | undefined][] = [
  ['unauthenticated', 'accepted', 'authenticated', 'authenticate'],
  ['unauthenticated', 'removed', 'unauthenticated', undefined],
  ['authenticated', 'accepted', 'authenticated', 'authenticate'],
  ['authenticated', 'removed', 'unauthenticated', 'deauthenticate'],
];

const pairs = (steps: object): string[] =>
  Object.entries(steps).flatMap(([state, row]) => Object.keys(row as object).map((cause) => `${state} ${cause}`));

describe('the states of a socket', () => {
  it.each(socketRows)('%s, when %s, becomes %s and raises %s', (state, cause, next, ending) => {
    expect({ ending: undefined, ...nextSocketStep(state, cause) }).toStrictEqual({ state: next, ending });
  });

  it('have rows for what changes or raises something, and no more', () => {
    const changes = socketRows.filter(([state, , next]) => next !== state);
    expect(pairs(socketSteps)).toStrictEqual(changes.map(([state, cause]) => `${state} ${cause}`));
  });
});

describe('the states of authentication', () => {
  it.each(authRows)('%s, when %s, becomes %s and raises %s', (state, cause, next, event) => {
    expect({ event: undefined, ...nextAuthStep(state, cause) }).toStrictEqual({ state: next, event });
  });

  it('have rows for what changes or raises something, and no more', () => {
    const changes = authRows.filter(([state, , next, event]) => next !== state || event !== undefined);
    expect(pairs(authSteps)).toStrictEqual(changes.map(([state, cause]) => `${state} ${cause}`));
  });
});
