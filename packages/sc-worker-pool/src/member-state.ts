/** The life of one member, from fork to exit. */
export type MemberState = 'starting' | 'ready' | 'stopping' | 'terminating' | 'killing' | 'exited';

/** Transitions of a member. `overdue`: the deadline of its current state has passed. */
export type MemberEvent = 'ready' | 'stop' | 'overdue' | 'exit';

export const memberStates: readonly MemberState[] = [
  'starting',
  'ready',
  'stopping',
  'terminating',
  'killing',
  'exited',
];
export const memberEvents: readonly MemberEvent[] = ['ready', 'stop', 'overdue', 'exit'];

const transitions: Readonly<Record<MemberState, Readonly<Record<MemberEvent, MemberState>>>> = {
  // A member that is stopped before it was ready may still drain; it gets a signal only after the deadline.
  starting: { ready: 'ready', stop: 'stopping', overdue: 'terminating', exit: 'exited' },
  // A ready member is overdue when its heartbeat fails.
  ready: { ready: 'ready', stop: 'stopping', overdue: 'terminating', exit: 'exited' },
  stopping: { ready: 'stopping', stop: 'stopping', overdue: 'terminating', exit: 'exited' },
  terminating: { ready: 'terminating', stop: 'terminating', overdue: 'killing', exit: 'exited' },
  killing: { ready: 'killing', stop: 'killing', overdue: 'killing', exit: 'exited' },
  exited: { ready: 'exited', stop: 'exited', overdue: 'exited', exit: 'exited' },
};

/** The state after an event; the same state when the event changes nothing. */
export function nextMemberState(state: MemberState, event: MemberEvent): MemberState {
  return transitions[state][event];
}
