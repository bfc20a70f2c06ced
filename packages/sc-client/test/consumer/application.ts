import { expectTypeOf } from 'expect-type';
import {
  type AppShape,
  type Respond,
  type SCChannel,
  type SCClientSocket,
  type SocketStatus,
  connect,
} from 'sc-client';

interface ChatApp {
  clientEvents: { typing: { channel: string }; away: undefined };
  serverEvents: { notice: string };
  procedures: {
    login(data: { name: string }): Promise<{ greeting: string }>;
    time(): number;
  };
  clientProcedures: { confirm(question: string): boolean };
  channels: { lobby: string; [inbox: `user/${string}`]: { text: string } };
  authToken: { username: string };
}

/** Compiled, never run: what is wrong in it must be an error of the compiler. */
export function typed(socket: SCClientSocket<ChatApp>): void {
  socket.emit('typing', { channel: 'lobby' });
  socket.emit('typing', { channel: 'lobby' }, { volatile: true });
  socket.emit('away');
  // @ts-expect-error the data is not the event's
  socket.emit('typing', 'lobby');
  // @ts-expect-error the data is missing
  socket.emit('typing');
  // @ts-expect-error there is no such event
  socket.emit('tiping', { channel: 'lobby' });
  // @ts-expect-error an event without an answer takes no callback
  socket.emit('typing', { channel: 'lobby' }, () => {});
  socket.emit('login', { name: 'ada' }, (error, data) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>();
    expectTypeOf(data).toEqualTypeOf<{ greeting: string } | undefined>();
  });

  expectTypeOf(socket.invoke('login', { name: 'ada' })).toEqualTypeOf<Promise<{ greeting: string }>>();
  expectTypeOf(socket.invoke('time')).toEqualTypeOf<Promise<number>>();
  void socket.invoke('time', undefined, { timeoutMs: 5 });
  // @ts-expect-error the data is missing
  void socket.invoke('login');
  // @ts-expect-error there is no such procedure
  void socket.invoke('logout');
  // @ts-expect-error an event cannot be invoked
  void socket.invoke('typing', { channel: 'lobby' });

  socket.on('notice', (data, respond) => {
    expectTypeOf(data).toEqualTypeOf<string>();
    expectTypeOf(respond).toEqualTypeOf<Respond>();
  });
  socket.on('confirm', (data, respond) => {
    expectTypeOf(data).toEqualTypeOf<string>();
    expectTypeOf(respond).toEqualTypeOf<Respond<boolean>>();
  });
  socket.once('ready', (status) => expectTypeOf(status).toEqualTypeOf<SocketStatus>());
  // @ts-expect-error there is no such event
  socket.on('notise', () => {});
  socket.handle('confirm', (question) => question.length > 0);
  socket.handle('confirm', async (question) => question.length > 0);
  // @ts-expect-error the answer is not the procedure's
  socket.handle('confirm', () => 'yes');

  expectTypeOf(socket.channel('lobby')).toEqualTypeOf<SCChannel<string>>();
  expectTypeOf(socket.subscribe('user/5')).toEqualTypeOf<SCChannel<{ text: string }>>();
  void socket.publish('user/5', { text: 'hi' });
  // @ts-expect-error the data is not the channel's
  void socket.publish('lobby', { text: 'hi' });
  // @ts-expect-error there is no such channel
  socket.subscribe('loby');
  socket.watch('lobby', (data) => expectTypeOf(data).toEqualTypeOf<string>());

  expectTypeOf(socket.authToken).toEqualTypeOf<Readonly<{ username: string }> | null>();
}

export function partlyTyped(socket: SCClientSocket<{ channels: { lobby: string } }>): void {
  socket.subscribe('lobby');
  // @ts-expect-error an application that lists its names has no others
  socket.emit('anything');
  // @ts-expect-error neither here
  void socket.invoke('anything');
  socket.on('connect', () => {});
}

export function untyped(socket: SCClientSocket): void {
  socket.emit('anything');
  socket.emit('anything', 1, { volatile: true });
  socket.emit('anything', 1, (error, data) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>();
    expectTypeOf(data).toEqualTypeOf<unknown>();
  });
  expectTypeOf(socket.invoke('anything', [1])).toEqualTypeOf<Promise<unknown>>();
  socket.on('anything', (data, respond) => {
    expectTypeOf(data).toEqualTypeOf<unknown>();
    respond(null, 1);
  });
  socket.on('kickOut', (message, channel) => {
    expectTypeOf([message, channel]).toEqualTypeOf<string[]>();
  });
  expectTypeOf(socket.subscribe('anything')).toEqualTypeOf<SCChannel>();
  expectTypeOf(socket.authToken).toEqualTypeOf<Readonly<Record<string, unknown>> | null>();
}

expectTypeOf(connect<ChatApp>).returns.toEqualTypeOf<SCClientSocket<ChatApp>>();
expectTypeOf(connect<AppShape>).returns.toEqualTypeOf<SCClientSocket>();
