import { describe, expect, it } from '@jest/globals';
import { memberEvents, memberStates, nextMemberState } from '../src/member-state.js';

const table = {
  starting: { ready: 'ready', stop: 'stopping', overdue: 'terminating', exit: 'exited' },
  ready: { ready: 'ready', stop: 'stopping', overdue: 'terminating', exit: 'exited' },
  stopping: { ready: 'stopping', stop: 'stopping', overdue: 'terminating', exit: 'exited' },
  terminating: { ready: 'terminating', stop: 'terminating', overdue: 'killing', exit: 'exited' },
  killing: { ready: 'killing', stop: 'killing', overdue: 'killing', exit: 'exited' },
  exited: { ready: 'exited', stop: 'exited', overdue: 'exited', exit: 'exited' },
} as const;

describe('The states of a member', () => {
  for (const state of memberStates) {
    for (const event of memberEvents) {
      it(`go from ${state} to ${table[state][event]} at ${event}`, () => {
        expect(nextMemberState(state, event)).toBe(table[state][event]);
      });
    }
  }
});
