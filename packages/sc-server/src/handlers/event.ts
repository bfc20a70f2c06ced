import type { EventFrame } from 'sc-protocol';
import { respondError } from '../socket/answers.js';
import type { EventContext } from '../socket/middleware-contexts.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Passes an event or a call through the line `event` to the application's handler. */
export function handleEvent(core: SocketCore, { name, data, callId }: EventFrame): Promise<void> | undefined {
  const { parts, socket } = core;
  if (!parts.middleware.has('event')) {
    socket.dispatch(name, data, callId);
    return undefined;
  }
  const context: EventContext = { line: 'event', socket, event: name, data };
  return parts.middleware.run(context).then(
    () => socket.dispatch(name, context.data, callId),
    (error: unknown) => {
      if (callId !== undefined) parts.counters.calls.refused += 1;
      respondError(core, callId, error);
    },
  );
}
