import type { ClientFrame } from 'sc-protocol';
import type { SocketCore } from '../socket/socket-core.js';
import { handleAuthenticate } from './authenticate.js';
import { handleDeauthenticate } from './deauthenticate.js';
import { handleDisconnect } from './disconnect.js';
import { handleEvent } from './event.js';
import { handleHandshake } from './handshake.js';
import { handleHistory } from './history.js';
import { handleMembers, handlePresence } from './presence.js';
import { handlePublish } from './publish.js';
import { handleRaw } from './raw.js';
import { handleSubscribe } from './subscribe.js';
import { handleUnsubscribe } from './unsubscribe.js';

/**
 * Handles one frame. If it returns a promise, later frames must wait until it settles, to preserve the client's order;
 * it never rejects.
 */
export function handleFrame(core: SocketCore, frame: ClientFrame): Promise<void> | undefined {
  switch (frame.type) {
    case 'publish':
      return handlePublish(core, frame);
    case 'event':
      return handleEvent(core, frame);
    case 'subscribe':
      return handleSubscribe(core, frame);
    case 'unsubscribe':
      handleUnsubscribe(core, frame);
      return undefined;
    case 'handshake':
      return handleHandshake(core, frame);
    case 'authenticate':
      return handleAuthenticate(core, frame);
    case 'deauthenticate':
      handleDeauthenticate(core, frame);
      return undefined;
    case 'disconnect':
      handleDisconnect(core, frame);
      return undefined;
    case 'raw':
      handleRaw(core, frame);
      return undefined;
    case 'history':
      handleHistory(core, frame);
      return undefined;
    case 'presence':
      return handlePresence(core, frame);
    case 'members':
      handleMembers(core, frame);
      return undefined;
    case 'response':
    case 'pong':
      return undefined; // Already handled by the receiver.
    default:
      return frame satisfies never;
  }
}
