/** Where a socket stands. Open: the handshake is done. */
export type SocketState = 'connecting' | 'open' | 'closed';

/** What can happen to a socket. `connect`: an attempt begins. `opened`: the handshake succeeded. */
export type SocketCause = 'connect' | 'opened' | 'closed';

/** The event that an ending raises before `close`. */
export type EndingEvent = 'connectAbort' | 'disconnect';

export interface SocketStep {
  readonly state: SocketState;
  readonly ending?: EndingEvent;
}

/** Total: every cause in every state has a row. */
export const socketSteps: Readonly<Record<SocketState, Readonly<Record<SocketCause, SocketStep>>>> = {
  closed: {
    connect: { state: 'connecting' },
    opened: { state: 'closed' },
    closed: { state: 'closed' },
  },
  connecting: {
    connect: { state: 'connecting' },
    opened: { state: 'open' },
    closed: { state: 'closed', ending: 'connectAbort' },
  },
  open: {
    connect: { state: 'open' },
    opened: { state: 'open' },
    closed: { state: 'closed', ending: 'disconnect' },
  },
};

export function nextSocketStep(state: SocketState, cause: SocketCause): SocketStep {
  return socketSteps[state][cause];
}
