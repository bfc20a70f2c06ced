import { AbortedError, type CallId, type ServerFrame } from 'sc-protocol';
import type { Emitter } from 'sc-channel';
import type { Auth } from './auth.js';
import type { Connection } from './connection.js';
import { type SocketEvents, isSocketEvent } from './events.js';
import type { Inbound } from './inbound.js';
import type { Subscriptions } from './subscriptions.js';

export interface FrameTargets {
  readonly events: Emitter<SocketEvents>;
  readonly inbound: Inbound;
  readonly subscriptions: Subscriptions;
  readonly auth: Auth;
}

/**
 * Dispatches a frame of the server to the part that handles it. Responses are sent on `connection`, from which the
 * frame came.
 */
export function routeFrame(
  frame: Exclude<ServerFrame, { type: 'response' }>,
  connection: Connection,
  { events, inbound, subscriptions, auth }: FrameTargets,
): void {
  const answerWhen = (stored: Promise<unknown>, callId: CallId | undefined): void => {
    stored.then(
      () => connection.answer(callId, null),
      (error: unknown) => {
        connection.answer(callId, error);
        // Superseded by a local logout, which is not a failure.
        if (!(error instanceof AbortedError)) events.emit('error', error);
      },
    );
  };
  switch (frame.type) {
    case 'publication':
      subscriptions.deliver(frame);
      break;
    case 'subscribed':
      subscriptions.ordered(frame);
      break;
    case 'kickOut':
      subscriptions.kickedOut(frame.channel, frame.message, frame.waitForAuth);
      break;
    case 'event':
      if (isSocketEvent(frame.name)) events.emit('raw', { event: frame.name, data: frame.data });
      inbound.receive(frame, connection);
      break;
    case 'setAuthToken':
      answerWhen(auth.save(frame.authToken), frame.callId);
      break;
    case 'removeAuthToken':
      answerWhen(auth.removed(), frame.callId);
      break;
    case 'raw':
      events.emit('raw', frame.value);
      break;
    case 'position':
      subscriptions.channels.moved(frame.channel, frame, frame.reason);
      break;
    case 'disconnect':
    case 'ping':
      break; // Handled by the connection and its transport.
    default:
      frame satisfies never;
  }
}
