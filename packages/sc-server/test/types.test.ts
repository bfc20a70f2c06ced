import type { IncomingMessage, Server } from 'node:http';
import { describe, it } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import type { SCChannel } from 'sc-channel';
import {
  SCServer,
  type AuthToken,
  type CallContext,
  type Exchange,
  type Next,
  type Respond,
  type SCSocket,
  type SCWorker,
  type Session,
} from '../src/index.js';

/** The same interface that a client gives to `connect<ChatApp>()`. */
interface ChatApp {
  clientEvents: { typing: { channel: string }; away: undefined };
  serverEvents: { notice: string; ping: undefined };
  procedures: {
    login(data: { name: string }): Promise<{ greeting: string }>;
    time(): number;
  };
  clientProcedures: { confirm(question: string): boolean; version(): string };
  channels: { lobby: string; [inbox: `user/${string}`]: { text: string } };
  authToken: { username: string };
}

type ChatToken = Readonly<{ username: string }> & { readonly exp?: number; readonly iat?: number };

/** Compiled, never run: what is wrong in it must be an error of the compiler. */
function typedSocket(socket: SCSocket<ChatApp>): void {
  socket.on('typing', (data, respond) => {
    expectTypeOf(data).toEqualTypeOf<{ channel: string }>();
    expectTypeOf(respond).toEqualTypeOf<Respond>();
  });
  socket.once('away', (data) => expectTypeOf(data).toEqualTypeOf<undefined>());
  socket.on('login', ({ name }, respond) => {
    expectTypeOf(name).toEqualTypeOf<string>();
    expectTypeOf(respond).toEqualTypeOf<Respond<{ greeting: string }>>();
    respond(null, { greeting: name });
    // @ts-expect-error the answer is not the procedure's
    respond(null, name);
  });
  socket.on('disconnect', (code, reason) => expectTypeOf([code, reason]).toEqualTypeOf<(string | number)[]>());
  socket.on('authenticate', (token) => expectTypeOf(token).toEqualTypeOf<ChatToken>());
  // @ts-expect-error clients emit no such event
  socket.on('tiping', () => undefined);
  // @ts-expect-error that is what the server emits
  socket.on('notice', () => undefined);

  socket.handle('login', ({ name }, call) => {
    expectTypeOf(call).toEqualTypeOf<CallContext<ChatApp>>();
    return { greeting: name };
  });
  socket.handle('login', async ({ name }) => ({ greeting: name }));
  socket.handle('time', () => Date.now());
  // @ts-expect-error the answer is not the procedure's
  socket.handle('time', () => 'noon');
  // @ts-expect-error there is no such procedure
  socket.handle('logout', () => undefined);
  // @ts-expect-error an event is no procedure
  socket.handle('typing', () => undefined);

  socket.emit('notice', 'hi');
  socket.emit('notice', 'hi', { volatile: true });
  socket.emit('ping');
  // @ts-expect-error the data is not the event's
  socket.emit('notice', 5);
  // @ts-expect-error the data is missing
  socket.emit('notice');
  // @ts-expect-error there is no such event
  socket.emit('notise', 'hi');
  // @ts-expect-error an event without an answer takes no callback
  socket.emit('notice', 'hi', () => undefined);
  socket.emit('confirm', 'Sure?', (error, answer) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>();
    expectTypeOf(answer).toEqualTypeOf<boolean | undefined>();
  });

  expectTypeOf(socket.invoke('confirm', 'Sure?')).toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(socket.invoke('version')).toEqualTypeOf<Promise<string>>();
  void socket.invoke('version', undefined, { timeoutMs: 5 });
  // @ts-expect-error the data is missing
  void socket.invoke('confirm');
  // @ts-expect-error that is what the server answers
  void socket.invoke('login', { name: 'ada' });

  expectTypeOf(socket.authToken).toEqualTypeOf<ChatToken | null>();
  void socket.setAuthToken({ username: 'ada' });
  void socket.setAuthToken({ username: 'ada' }, { expiresInMinutes: 5 });
  // @ts-expect-error the claims are not the application's
  void socket.setAuthToken({ user: 'ada' });

  expectTypeOf(socket.session).toEqualTypeOf<Session<ChatApp> | undefined>();
  void socket.session?.emit('notice', 'hi');
  // @ts-expect-error the data is not the event's
  void socket.session?.emit('notice', 5);
  // @ts-expect-error there is no such event
  void socket.session?.transmit('notise', 'hi');
}

function typedExchange(exchange: Exchange<ChatApp>): void {
  void exchange.publish('lobby', 'hi');
  void exchange.publish('user/5', { text: 'hi' }, { volatile: true }, (error) =>
    expectTypeOf(error).toEqualTypeOf<unknown>(),
  );
  // @ts-expect-error the data is not the channel's
  void exchange.publish('lobby', { text: 'hi' });
  // @ts-expect-error the data is missing
  void exchange.publish('lobby');
  // @ts-expect-error there is no such channel
  void exchange.publish('loby', 'hi');
  expectTypeOf(exchange.channel('lobby')).toEqualTypeOf<SCChannel<string>>();
  expectTypeOf(exchange.subscribe('user/5')).toEqualTypeOf<SCChannel<{ text: string }>>();
  exchange.watch('lobby', (data) => expectTypeOf(data).toEqualTypeOf<string>());
  // @ts-expect-error there is no such channel
  exchange.subscribe('loby');
}

function typedServer(scServer: SCServer<ChatApp>): void {
  expectTypeOf(scServer.exchange).toEqualTypeOf<Exchange<ChatApp>>();
  expectTypeOf(scServer.clients).toEqualTypeOf<Readonly<Record<string, SCSocket<ChatApp>>>>();
  scServer.on('connection', (socket) => expectTypeOf(socket).toEqualTypeOf<SCSocket<ChatApp>>());
  scServer.addMiddleware('authenticate', ({ authToken }) => expectTypeOf(authToken).toEqualTypeOf<ChatToken>());
  scServer.addMiddleware('subscribe', ({ socket, channel }) => {
    expectTypeOf(socket).toEqualTypeOf<SCSocket<ChatApp>>();
    // A client may request any channel name, so the type is plain text.
    expectTypeOf(channel).toEqualTypeOf<string>();
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_EVENT, ({ socket, event }, next) => {
    expectTypeOf(socket).toEqualTypeOf<SCSocket<ChatApp>>();
    expectTypeOf(event).toEqualTypeOf<string>();
    next();
  });
  // The form of the original is found by its parameters, which therefore have to say what they are.
  scServer.addMiddleware('event', (_socket: SCSocket<ChatApp>, _event: string, _data: unknown, next: Next) => next());
  scServer.addMiddleware('handshake', ({ request }) => expectTypeOf(request).toEqualTypeOf<IncomingMessage>());
  expectTypeOf(scServer.signAuthToken({ username: 'ada' })).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error the claims are not the application's
  void scServer.signAuthToken({ user: 'ada' });
  expectTypeOf(scServer.verifyAuthToken('a')).toEqualTypeOf<Promise<ChatToken>>();
}

function made(httpServer: Server): void {
  expectTypeOf(SCServer.attach<ChatApp>(httpServer)).toEqualTypeOf<SCServer<ChatApp>>();
  expectTypeOf(SCServer.listen<ChatApp>(0)).toEqualTypeOf<Promise<SCServer<ChatApp>>>();
  expectTypeOf(SCServer.attach(httpServer)).toEqualTypeOf<SCServer>();
}

function typedWorker(worker: SCWorker<ChatApp>): void {
  expectTypeOf(worker.scServer).toEqualTypeOf<SCServer<ChatApp>>();
  expectTypeOf(worker.exchange).toEqualTypeOf<Exchange<ChatApp>>();
}

function partlyTyped(socket: SCSocket<{ serverEvents: { notice: string } }>): void {
  socket.emit('notice', 'hi');
  socket.on('disconnect', () => undefined);
  // @ts-expect-error an application that lists its names has no others
  socket.on('anything', () => undefined);
  // @ts-expect-error neither here
  void socket.invoke('anything');
}

function untyped(socket: SCSocket, { exchange }: SCServer): void {
  socket.on('anything', (data, respond) => {
    expectTypeOf(data).toEqualTypeOf<unknown>();
    respond(null, 1);
  });
  socket.off('anything');
  socket.handle('anything', () => undefined);
  socket.handle('anything', async (data, { signal, socket: own }) => {
    expectTypeOf(data).toEqualTypeOf<unknown>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(own).toEqualTypeOf<SCSocket>();
  });
  socket.emit('anything');
  socket.emit('anything', 1, { volatile: true });
  socket.emit('anything', 1, (error, data) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>();
    expectTypeOf(data).toEqualTypeOf<unknown>();
  });
  expectTypeOf(socket.invoke('anything', [1])).toEqualTypeOf<Promise<unknown>>();
  expectTypeOf(socket.authToken).toEqualTypeOf<AuthToken | null>();
  void socket.setAuthToken({ anything: 1 });
  void exchange.publish('anything');
  void exchange.publish('anything', 1, { volatile: true });
  void exchange.publish('anything', 1, () => undefined);
  expectTypeOf(exchange.channel('anything')).toEqualTypeOf<SCChannel>();
  exchange.watch('anything', (data) => expectTypeOf(data).toEqualTypeOf<unknown>());
}

describe('the types of a server and its sockets', () => {
  it('follow the interface of the application', () => {
    for (const compiled of [typedSocket, typedExchange, typedServer, typedWorker, made, partlyTyped]) {
      expectTypeOf(compiled).toBeFunction();
    }
  });

  it('let everything pass without one', () => {
    expectTypeOf(untyped).toBeFunction();
  });
});
