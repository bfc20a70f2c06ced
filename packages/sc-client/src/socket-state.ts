/** Where a socket stands. Open: the handshake is done. */
export type SocketState = 'connecting' | 'open' | 'closed';

/** Transitions of a socket. `connect`: an attempt begins. `opened`: the handshake succeeded. */
export type SocketCause = 'connect' | 'opened' | 'closed';

/** The event that an ending raises before `close`. */
export type EndingEvent = 'connectAbort' | 'disconnect';

export interface SocketStep {
  readonly state: SocketState;
  readonly ending?: EndingEvent | undefined;
}

type Row = Partial<Record<SocketCause, readonly [SocketState, EndingEvent?]>>;

/** Where each cause leads, and what it raises. A cause without a row changes nothing. */
export const socketSteps: Readonly<Record<SocketState, Readonly<Row>>> = {
  closed: { connect: ['connecting'] },
  connecting: { opened: ['open'], closed: ['closed', 'connectAbort'] },
  open: { closed: ['closed', 'disconnect'] },
};

export function nextSocketStep(current: SocketState, cause: SocketCause): SocketStep {
  const [state, ending] = socketSteps[current][cause] ?? [current];
  return { state, ending };
}
