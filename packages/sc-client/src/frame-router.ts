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

/** Brings what the server says to whom it concerns. Answers go to `connection`, where the frame came from. */
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
        // Overtaken by a logout here: nothing has failed.
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
      break; // The connection and its transport have dealt with these.
    default:
      frame satisfies never;
  }
}
