import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('the frame #removeAuthToken of a client', () => {
  it(
    'takes the token away and tells the application, once',
    withServer(async (server) => {
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      const events: unknown[] = [];
      socket.on('deauthenticate', (old) => void events.push(old['username']));
      socket.on('authStateChange', ({ newState, authToken }) => void events.push([newState, authToken]));
      expect(await raw.call('#removeAuthToken')).toEqual({ rid: 2 });
      raw.emit('#removeAuthToken');
      await raw.call('#unsubscribe', 'x');
      expect(socket.authToken).toBeNull();
      expect(events).toEqual(['alice', ['unauthenticated', null]]);
      expect(raw.frames.some(({ event }) => event === '#removeAuthToken')).toBe(false);
    }),
  );
});
