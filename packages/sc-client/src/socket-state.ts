/** State of a socket. `open`: the handshake is complete. */
export type SocketState = 'connecting' | 'open' | 'closed';

/** Transitions of a socket. `connect`: an attempt starts. `opened`: the handshake succeeded. */
export type SocketCause = 'connect' | 'opened' | 'closed';

/** The event emitted before `close`. */
export type EndingEvent = 'connectAbort' | 'disconnect';

export interface SocketStep {
  readonly state: SocketState;
  readonly ending?: EndingEvent | undefined;
}

type Row = Partial<Record<SocketCause, readonly [SocketState, EndingEvent?]>>;

/** Next state and emitted event for each cause. A cause without a row changes nothing. */
export const socketSteps: Readonly<Record<SocketState, Readonly<Row>>> = {
  closed: { connect: ['connecting'] },
  connecting: { opened: ['open'], closed: ['closed', 'connectAbort'] },
  open: { closed: ['closed', 'disconnect'] },
};

export function nextSocketStep(current: SocketState, cause: SocketCause): SocketStep {
  const [state, ending] = socketSteps[current][cause] ?? [current];
  return { state, ending };
}
