import { describe, expect, it } from '@jest/globals';
import { HandlerError, NoHandlerError, StoreError } from 'sc-protocol';
import { exposeError } from '../../../src/middleware/errors.js';
import { withServer } from '../support.js';

const secret = 'secret of the backend';
const hidden = { name: 'HandlerError', message: 'The handler of "fail" failed', code: 'SC_HANDLER' };

class LibraryError extends Error {
  readonly config = { headers: { Authorization: secret } };
  readonly code = 'ECONNABORTED';
}
class QuotaError extends HandlerError {
  override readonly name = 'QuotaError';
}
class MarkedError extends Error {
  readonly expose = true;
  readonly code = 'MARKED';
  readonly sql = secret;
}
/** As libraries made their errors before there were classes. */
function OldError(this: { message: string; sql: string }): void {
  this.message = secret;
  this.sql = secret;
}
OldError.prototype = Object.create(Error.prototype) as object;

function throwing(): never {
  throw new Error(secret);
}

describe('an error that leaves a handler', () => {
  it.each<[string, unknown, object]>([
    ['text', 'Denied', { name: 'Error', message: 'Denied' }],
    [
      'a plain object',
      { message: 'Denied', code: 'X', left: { bytes: 0 } },
      { name: 'Error', message: 'Denied', code: 'X', left: { bytes: 0 } },
    ],
    ['an Error', new Error('Denied'), { name: 'Error', message: 'Denied' }],
    [
      'an Error with a name, a code and more',
      Object.assign(new Error('Denied'), { name: 'QuotaError', code: 'QUOTA', config: { secret } }),
      { name: 'QuotaError', message: 'Denied', code: 'QUOTA' },
    ],
    [
      'a HandlerError with details',
      new HandlerError('Full', { left: 0 }),
      { name: 'HandlerError', message: 'Full', code: 'SC_HANDLER', left: 0 },
    ],
    ['a subclass of HandlerError', new QuotaError('Full'), { name: 'QuotaError', message: 'Full', code: 'SC_HANDLER' }],
    [
      'an error of ours',
      new NoHandlerError('Nobody'),
      { name: 'NoHandlerError', message: 'Nobody', code: 'SC_NO_HANDLER' },
    ],
    ['a marked class', new MarkedError('Denied'), { name: 'Error', message: 'Denied', code: 'MARKED' }],
    [
      'a marked error',
      Object.assign(new TypeError('Denied'), { expose: true, secret }),
      { name: 'TypeError', message: 'Denied' },
    ],
  ])('was made for clients: %s', (_what, error, expected) => {
    expect(exposeError(error, '"fail"')).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['a class of a library', new LibraryError(secret)],
    ['a class from before there were classes', Reflect.construct(OldError as unknown as new () => object, [])],
    ['an error of the store', new StoreError(secret)],
    ['a type error', new TypeError(secret)],
    ['a system error', Object.assign(new Error(secret), { errno: -2 })],
    ['a reset connection', Object.assign(new Error(secret), { code: 'ECONNRESET' })],
    ['an aggregate', new AggregateError([new Error(secret)], secret)],
    ['an aborted fetch', new DOMException(secret, 'AbortError')],
    [
      'an instance of some class',
      new (class Problem {
        readonly message = secret;
      })(),
    ],
    ['a function', () => secret],
    ['a getter that throws', Object.defineProperty({}, 'message', { enumerable: true, get: throwing })],
    ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: throwing })],
    ['an error whose code throws', Object.defineProperty(new Error('x'), 'code', { enumerable: true, get: throwing })],
    [
      'a proxy that throws',
      new Proxy({}, { get: throwing, ownKeys: throwing, has: throwing, getPrototypeOf: throwing }),
    ],
    ['an error that hides its mark', Object.defineProperty(new LibraryError(secret), 'expose', { get: throwing })],
  ])('was not: %s', (_what, error) => {
    const exposed = exposeError(error, '"fail"');
    expect(exposed).toEqual(hidden);
  });

  const odd: Readonly<Record<string, () => unknown>> = {
    getter: () => Object.defineProperty(new Error('x'), 'detail', { enumerable: true, get: throwing }),
    message: () => Object.defineProperty(new Error('x'), 'message', { get: throwing }),
    proxy: () => new Proxy({}, { get: throwing, ownKeys: throwing, has: throwing, getPrototypeOf: throwing }),
    proxied: () => new Proxy(new Error('x'), { get: throwing }),
    ring: () => {
      const error: Error & { self?: unknown } = new Error('x');
      error.self = error;
      error.cause = error;
      return error;
    },
    symbol: () => Symbol('x'),
    null: () => null,
    frozen: () => Object.freeze(new Error('x')),
  };

  it.each(Object.keys(odd))('ends the call on every way out, whatever it is: %s', async (kind) => {
    await withServer(async ({ connect, scServer, log }) => {
      const make = odd[kind] ?? (() => undefined);
      const fail = () => {
        throw make();
      };
      const { raw, socket } = await connect();
      socket.handle('procedure', fail);
      socket.on('event', fail);
      socket.on('later', async () => fail());
      socket.on('respond', (_data, respond) => respond(make() ?? 'x'));
      for (const name of ['procedure', 'event', 'later', 'respond']) {
        expect((await raw.call(name)).error).toBeDefined();
      }
      for (const line of ['event', 'publishIn', 'subscribe'] as const) scServer.addMiddleware(line, fail);
      for (const [name, data] of [
        ['event', 1],
        ['#publish', { channel: 'x' }],
        ['#subscribe', { channel: 'x' }],
      ] as const) {
        expect((await raw.call(name, data)).error).toBeDefined();
      }
      expect(socket.state).toBe('open');
      expect(log.length).toBeGreaterThan(0);
    })();
  });

  it(
    'does not flood the log, which says how many were left out',
    withServer(async ({ connect, log }) => {
      const { raw, socket } = await connect();
      socket.handle('parse', (data) => (data as { list: string[] }).list.length);
      for (let i = 0; i < 200; i++) await raw.call('parse', {});
      expect(log.length).toBeLessThan(50);
    }),
  );
});
