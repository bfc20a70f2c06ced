import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { promisify } from 'node:util';
import type { Session } from '../../../src/index.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { withServer, type TestServer } from '../support.js';
import { cookieOf, get, upgradeHeaders } from '../visitor.js';

// The programs of the founding document. examples/acceptance runs the one that creates a cluster with https.
const require = createRequire(import.meta.url);

/** Runs a program as CommonJS; what it takes for given is global. */
function run(program: string, given: object): void {
  const file = require.resolve(`./${program}.cjs`);
  Reflect.set(globalThis, 'given', given);
  try {
    require(file);
  } finally {
    Reflect.deleteProperty(globalThis, 'given');
    // Every run is the first.
    Reflect.deleteProperty(require.cache, file);
  }
}

function sessionOf(socket: SCSocket): Session {
  if (socket.session === undefined) throw new Error('sessions are on');
  return socket.session;
}

/** The expected behaviour of both forms of the guard. */
async function expectGuarded(server: TestServer): Promise<void> {
  const visitor = cookieOf(await get(server.port));
  const refused = await get(server.port, { ...upgradeHeaders, ...visitor }, '/socketcluster/');
  expect([refused.status, refused.body]).toEqual([
    401,
    expect.stringMatching(/^Session [\w-]{24} was not authorized$/),
  ]);
  const id = /^Session (\S+)/.exec(refused.body)?.[1] ?? '';
  await server.scServer.exchange.set([`sc.session:${id}`, 'isUserAuthorized'], true);
  const { raw, socket } = await server.connect({ headers: visitor });
  expect(socket.session?.id).toBe(id);
  expect((await raw.call('bla')).error).toMatchObject({
    name: 'Error',
    message: `bla event is not allowed for socket ${socket.id} on session ${id}`,
  });
  expect((await raw.call('other')).error?.name).toBe('NoHandlerError');
}

describe('a program of the founding document', () => {
  it(
    'sets a value in the session',
    withServer(
      async ({ connect }) => {
        const { socket } = await connect();
        const done = promisify((callback: (error: unknown) => void) => run('set-in-session', { socket, callback }));
        await done();
        expect(await sessionOf(socket).get('isUserAuthorized')).toBe(true);

        await sessionOf(socket).remove('isUserAuthorized');
        // Today.
        await socket.session?.set('isUserAuthorized', true);
        expect(await sessionOf(socket).get('isUserAuthorized')).toBe(true);
      },
      { sessions: true },
    ),
  );

  it(
    'gets it from there, in a callback that hears no error and the value',
    withServer(
      async ({ connect }) => {
        const { socket } = await connect();
        const session = sessionOf(socket);
        await session.set('isUserAuthorized', true);
        type Heard = (error: unknown, value: unknown) => void;
        const heard = await new Promise((resolve) => {
          // The program's own callback runs, and tells nobody.
          const watched = (key: string, callback: Heard) =>
            session.get(key, (error: unknown, value: unknown) => {
              callback(error, value);
              resolve([error, value]);
            });
          run('get-from-session', { socket: { session: { get: watched } } });
        });
        expect(heard).toEqual([null, true]);
        // Today.
        expect(await socket.session?.get('isUserAuthorized')).toBe(true);
      },
      { sessions: true },
    ),
  );

  it(
    'refuses the handshake of sessions that are not authorized, and an event, in the form of its time',
    withServer(
      async (server) => {
        run('guard-handshake-and-event', { scServer: server.scServer });
        await expectGuarded(server);
      },
      { sessions: true },
    ),
  );

  it(
    'and in today’s form',
    withServer(
      async (server) => {
        const { scServer } = server;
        scServer.addMiddleware('handshake', async ({ request }) => {
          const { session } = request;
          if (!(await session?.get('isUserAuthorized'))) throw new Error(`Session ${session?.id} was not authorized`);
        });
        scServer.addMiddleware('event', ({ socket, event }) => {
          if (event !== 'bla') return;
          throw new Error(`bla event is not allowed for socket ${socket.id} on session ${socket.session?.id}`);
        });
        await expectGuarded(server);
      },
      { sessions: true },
    ),
  );
});
