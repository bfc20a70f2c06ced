import { describe, expect, it } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import type { IncomingMessage } from 'node:http';
import type { AuthToken } from '../../../src/auth/tokens.js';
import type { HandshakeContext, Next, SubscribeContext } from '../../../src/socket/middleware-contexts.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { withServer } from '../support.js';

describe('the forms of middleware', () => {
  it(
    'have typed parameters, however many there are',
    withServer(async ({ scServer }) => {
      scServer.addMiddleware('subscribe', async (context) => {
        expectTypeOf(context).toEqualTypeOf<SubscribeContext>();
      });
      scServer.addMiddleware('subscribe', (req, next) => {
        expectTypeOf(req).toEqualTypeOf<SubscribeContext>();
        expectTypeOf(next).toEqualTypeOf<Next>();
      });
      scServer.addMiddleware('handshake', (context) => {
        expectTypeOf(context).toEqualTypeOf<HandshakeContext>();
      });
      scServer.addMiddleware('handshake', (req, next) => {
        expectTypeOf(req).toEqualTypeOf<IncomingMessage>();
        expectTypeOf(next).toEqualTypeOf<Next>();
      });
      scServer.addMiddleware('subscribe', (socket, channel, next) => {
        expectTypeOf(socket).toEqualTypeOf<SCSocket>();
        expectTypeOf(channel).toEqualTypeOf<string>();
        expectTypeOf(next).toEqualTypeOf<Next>();
      });
      scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, (_socket, channel, data, next) => {
        expectTypeOf(channel).toEqualTypeOf<string>();
        expectTypeOf(data).toEqualTypeOf<unknown>();
        expectTypeOf(next).toEqualTypeOf<Next>();
      });
      scServer.addMiddleware('event', (socket, event, _data, next) => {
        expectTypeOf(socket).toEqualTypeOf<SCSocket>();
        expectTypeOf(event).toEqualTypeOf<string>();
        expectTypeOf(next).toEqualTypeOf<Next>();
      });
      scServer.addMiddleware('authenticate', (_socket, authToken, next) => {
        expectTypeOf(authToken).toEqualTypeOf<AuthToken>();
        expectTypeOf(next).toEqualTypeOf<Next>();
      });
      expect(scServer.clientsCount).toBe(0);
      await Promise.resolve();
    }),
  );
});
