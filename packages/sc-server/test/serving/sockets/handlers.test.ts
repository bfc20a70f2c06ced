import { describe, expect, it } from '@jest/globals';
import { HandlerError, clientSocketEvents, serverSocketEvents } from 'sc-protocol';
import { waitFor } from 'sc-testkit';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { settled, withServer, type TestServer } from '../support.js';

const secret = 'cannot open /etc/secret';

describe('a handler that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('Rejected: no');
      },
    ],
    [
      'rejects',
      async () => {
        await Promise.resolve();
        throw new Error('Rejected: no');
      },
    ],
    [
      'answers with an error',
      (_data: unknown, respond: (error: unknown) => void) => respond(new Error('Rejected: no')),
    ],
    ['answers with text', (_data: unknown, respond: (error: unknown) => void) => respond('Rejected: no')],
  ])('because it %s tells the caller name and message, never a stack', async (_how, handler) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('fail', handler);
      expect(await raw.call('fail')).toEqual({ rid: 2, error: { name: 'Error', message: 'Rejected: no' } });
    })();
  });

  it.each([
    [
      'an event handler that throws',
      (socket: SCSocket) =>
        socket.on('fail', () => {
          throw new Error('Rejected: no');
        }),
    ],
    [
      'one that rejects later',
      (socket: SCSocket) =>
        socket.on('fail', async () => {
          await new Promise((resolve) => setImmediate(resolve));
          throw new Error('Rejected: no');
        }),
    ],
    [
      'a procedure that rejects later',
      (socket: SCSocket) =>
        socket.handle('fail', async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          throw new Error('Rejected: no');
        }),
    ],
  ])('reaches the caller once and the log once: %s', async (_what, handle) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      handle(socket);
      expect((await raw.call('fail')).error?.message).toBe('Rejected: no');
      await settled(raw);
      expect(raw.frames.filter(({ rid }) => rid === 2)).toHaveLength(1);
      expect(server.log.map(({ level, message, details }) => [level, message, details['socketId']])).toEqual([
        // On purpose, so it is no failure of the server.
        ['debug', 'The handler of "fail" refused', socket.id],
      ]);
      expect(socket.state).toBe('open');
    })();
  });

  it(
    'after it has answered is in the log, and the answer stands',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('late', (_data, respond) => {
        respond(null, 'done');
        throw new Error('too late');
      });
      expect(await raw.call('late')).toEqual({ rid: 2, data: 'done' });
      await settled(raw);
      expect(raw.frames.filter(({ rid }) => rid === 2)).toHaveLength(1);
      expect(server.log.map(({ level, message }) => [level, message])).toEqual([
        ['error', 'The handler of "late" failed'],
      ]);
    }),
  );

  it(
    'is not in the log when it answers with an error of its own accord, also from a timer',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('no', (_data, respond) => void setTimeout(() => respond(new Error('Rejected: no')), 1));
      expect((await raw.call('no')).error?.message).toBe('Rejected: no');
      expect(server.log).toEqual([]);
    }),
  );

  it.each([
    ['connection', (server: TestServer, fail: () => void) => server.scServer.on('connection', fail)],
    ['disconnection', (server: TestServer, fail: () => void) => server.scServer.on('disconnection', fail)],
  ])('on %s of the server is in the log once, and the server goes on', async (_event, listen) => {
    await withServer(async (server) => {
      listen(server, () => {
        throw new Error('oops');
      });
      const { raw } = await server.connect();
      await raw.close();
      await waitFor(() => server.log.length > 0, { what: 'the log' });
      await server.connect();
      expect(server.log[0]).toMatchObject({ level: 'error', message: 'A listener of the server failed' });
    })();
  });

  it.each([
    ['a type error', () => new TypeError(secret)],
    ['a system error', () => Object.assign(new Error(secret), { code: 'EACCES', errno: -13, syscall: 'open' })],
    ['an error of Node', () => Object.assign(new Error(secret), { code: 'ERR_INVALID_ARG_TYPE' })],
  ])('by accident (%s) is in the log once, and tells the caller nothing', async (_what, make) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('sync', () => {
        throw make();
      });
      socket.on('async', () => Promise.reject(make()));
      socket.handle('procedure', () => {
        throw make();
      });
      for (const event of ['sync', 'async', 'procedure']) {
        const { error } = await raw.call(event);
        expect(error).toEqual({
          name: 'HandlerError',
          message: `The handler of "${event}" failed`,
          code: 'SC_HANDLER',
        });
      }
      expect(
        server.log.map(({ level, message, details }) => [level, message, (details['error'] as Error).message]),
      ).toEqual(['sync', 'async', 'procedure'].map((event) => ['error', `The handler of "${event}" failed`, secret]));
      expect(server.scServer.clientsCount).toBe(1);
    })();
  });

  it(
    'keeps the name, code and data of an error that the application made for clients',
    withServer(async (server) => {
      class QuotaError extends HandlerError {
        override readonly name = 'QuotaError';
        readonly left = { bytes: 0 };
        constructor(message: string) {
          super(message, { code: 'QUOTA' });
        }
      }
      const { raw, socket } = await server.connect();
      socket.handle('write', () => {
        throw new QuotaError('Full');
      });
      expect((await raw.call('write')).error).toEqual({
        name: 'QuotaError',
        message: 'Full',
        code: 'QUOTA',
        left: { bytes: 0 },
      });
      // It is an answer, not a failure of the server.
      expect(server.log.map(({ level, message }) => [level, message])).toEqual([
        ['debug', 'The handler of "write" refused'],
      ]);
    }),
  );

  it(
    'without a caller is in the log all the same',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('note', () => Promise.reject(new Error('lost')));
      raw.emit('note');
      await raw.call('#unsubscribe', 'x');
      expect(server.log.map(({ message }) => message)).toEqual(['The handler of "note" failed']);
    }),
  );
});

describe('an answer', () => {
  it(
    'is given once; the second is in the log',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('twice', (_data, respond) => {
        respond(null, 1);
        respond(null, 2);
      });
      expect(await raw.call('twice')).toEqual({ rid: 2, data: 1 });
      await raw.call('#unsubscribe', 'x');
      expect(raw.frames.filter(({ rid }) => rid === 2)).toHaveLength(1);
      expect(server.log).toEqual([
        { level: 'warn', message: 'A call of "twice" was answered more than once', details: {} },
      ]);
    }),
  );

  it.each([
    [
      'a cycle',
      () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        return cycle;
      },
    ],
    ['a bigint', () => 1n],
    [
      'a getter that throws',
      () => ({
        get value(): never {
          throw new Error('no');
        },
      }),
    ],
  ])('that cannot be encoded (%s) is an error for the caller', async (_what, make) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('event', (_data, respond) => respond(null, make()));
      socket.handle('procedure', make);
      for (const event of ['event', 'procedure']) {
        expect((await raw.call(event)).error?.message).toBe('The answer could not be encoded');
      }
    })();
  });

  it(
    'comes from a procedure as what it returns, later or at once, nothing included',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket
        .handle('now', () => 1)
        .handle('later', async () => 2)
        .handle('nothing', () => undefined);
      expect([await raw.call('now'), await raw.call('later'), await raw.call('nothing')]).toEqual([
        { rid: 2, data: 1 },
        { rid: 3, data: 2 },
        { rid: 4 },
      ]);
    }),
  );
});

describe('a procedure', () => {
  it(
    'knows its caller, and its signal fires when the client has gone',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const aborted = new Promise<void>((resolve) => {
        socket.handle('wait', async (_data, call) => {
          expect([call.socket === socket, call.procedure, call.signal.aborted]).toEqual([true, 'wait', false]);
          call.signal.addEventListener('abort', () => resolve());
          await new Promise(() => undefined);
        });
      });
      raw.sendFrame({ event: 'wait', cid: 9 });
      await raw.call('#unsubscribe', 'x');
      raw.terminate();
      await aborted;
    }),
  );
});

describe('names and functions', () => {
  it(
    'that cannot be are refused at once',
    withServer(async (server) => {
      const { socket } = await server.connect();
      expect(() => socket.on('', () => undefined)).toThrow('An event name must not be empty');
      expect(() => socket.emit('a\nb')).toThrow('An event name must not hold control characters');
      expect(() => socket.handle('p', 'text' as never)).toThrow('A procedure must be a function');
      expect(() => socket.on('e', undefined as never)).toThrow('An event handler must be a function');
      await expect(socket.invoke('x'.repeat(256))).rejects.toThrow('An event name must be at most 255 bytes, got 256');
    }),
  );
});

describe('a listener for an event that cannot happen', () => {
  const elsewhere = [
    ['close', "'disconnect'"],
    ['connect', "scServer.on('connection')"],
    ['open', "scServer.on('connection')"],
    ['ready', "scServer.on('connection')"],
    ['connectAbort', "scServer.on('disconnection')"],
    ['error', 'the log'],
    ['kickOut', "'unsubscribe'"],
    ['subscribeFail', "'subscribe'"],
    ['subscribeStateChange', "'subscribe' and 'unsubscribe'"],
    ['authTokenExpire', "'deauthenticate'"],
  ] as const;

  it.each(elsewhere)('"%s" is refused by on, once and handle, which name %s', async (name, hint) => {
    await withServer(async (server) => {
      const { socket } = await server.connect();
      for (const listen of ['on', 'once', 'handle'] as const) {
        expect(() => socket[listen](name, () => undefined)).toThrow(`An event name must not be "${name}"`);
        expect(() => socket[listen](name, () => undefined)).toThrow(hint);
      }
    })();
  });

  it('covers every name that is reserved on one end and not raised on the other', () => {
    const names: string[] = elsewhere.map(([name]) => name);
    const dead = clientSocketEvents.filter((name) => !(serverSocketEvents as readonly string[]).includes(name));
    expect(names).toEqual(expect.arrayContaining(dead));
  });
});
