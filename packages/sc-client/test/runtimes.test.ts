import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCleanup, runProcess } from 'sc-testkit';
import { bundle } from './support/bundle.js';
import { jwt } from './support/jwt.js';
import { startSmallServer } from './support/small-server.js';

const root = new URL('../', import.meta.url);
const script = readFileSync(new URL('dist/browser/socketcluster.min.js', root), 'utf8');
const token = jwt({ username: 'ada' });

const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function serve(): Promise<number> {
  const server = await startSmallServer({ token });
  cleanup.add(server, (started) => started.close());
  return server.port;
}

/** Runs a program in a Node whose global WebSocket is the one of undici, written for the same standard as others. */
async function run(program: string, args: readonly string[] = []): Promise<unknown[]> {
  const child = await runProcess('--experimental-websocket', {
    args: ['--no-warnings', ...args, '-'],
    input: program,
    cwd: fileURLToPath(root),
  });
  return [child.stdout, child.stderr, child.code];
}

/** Globals of each runtime, in addition to those of the language. */
const places = {
  'has nothing but a WebSocket, timers, and functions for text and base64': '{ WebSocket }',
  'is shaped like React Native, with a URL that is incomplete and a location without a host':
    "{ WebSocket, navigator: { product: 'ReactNative' }, location: {}, URL: class { get host() { throw new Error('not implemented'); } } }",
};
/** Hidden from the client by parameters of the same names. */
const hidden =
  'process, Buffer, URLSearchParams, localStorage, document, performance, fetch, structuredClone, setImmediate, Event, EventTarget, crypto';

describe('outside of browsers and Node', () => {
  it.each(Object.entries(places))('a place that %s is enough', async (_what, globals) => {
    const program = `
      const { log } = console;
      const place = ${globals};
      (async (globalThis, URL, navigator, ${hidden}) => {
        ${script}
        const socket = socketCluster.connect({ hostname: '127.0.0.1', port: ${await serve()}, query: { a: 1 } });
        log(JSON.stringify(await socket.invoke('echo', [1, { two: 2 }])));
        await socket.invoke('login');
        log(socket.authState, socket.authToken.username);
        const channel = socket.subscribe('news');
        await new Promise((resolve) => channel.once('subscribe', resolve));
        const iterator = channel.iterate();
        await channel.publish('hello');
        log((await iterator.next()).value);
        const back = new Promise((resolve) => socket.once('connect', resolve));
        socket.reconnect();
        await back;
        log(socket.authState);
        socket.destroy();
      })(place, place.URL, place.navigator);`;
    const said = '[1,{"two":2}]\nauthenticated ada\nhello\nauthenticated\n';
    expect(await run(program)).toStrictEqual([said, '', 0]);
  });

  it('a place without a WebSocket is refused in words', async () => {
    const program = `delete globalThis.WebSocket; ${script}
      try { socketCluster.connect({ hostname: '127.0.0.1' }); } catch (error) { console.log(error.message); }`;
    expect(await run(program)).toStrictEqual(['There is no global WebSocket here\n', '', 0]);
  });

  it.each(['deno', 'workerd', 'react-native'])(
    'the entry for "%s" works with a global WebSocket',
    async (condition) => {
      const program = `
      import { connect } from 'sc-client';
      const socket = connect({ hostname: '127.0.0.1', port: ${await serve()} });
      console.log(await socket.invoke('echo', 'hello'));
      socket.subscribe('news').watch((data) => { console.log(data); socket.destroy(); });
      socket.on('subscribe', () => void socket.publish('news', 'again').catch(() => {}));
    `;
      expect(await run(program, [`--conditions=${condition}`, '--input-type=module'])).toStrictEqual([
        'hello\nagain\n',
        '',
        0,
      ]);
    },
  );

  it('a page checks options in development, and is spared the checks in production', async () => {
    const program = `import { connect } from 'sc-client';
      try { connect({ autoConnect: false, ackTimeot: 1 }).subscribe('news', { wait: 1 }); console.log('no checks'); }
      catch (error) { console.log(error.message); }
      try { connect({ autoConnect: false }).subscribe('news', { priority: 'high' }); } catch (error) { console.log(error.message); }`;
    const inDevelopment = new TextDecoder().decode(await bundle(program, ['development']));
    expect(await run(inDevelopment)).toStrictEqual([
      '`ackTimeot` is not an option of connect; did you mean `ackTimeout`?\n`priority` must be a finite number, got "high"\n',
      '',
      0,
    ]);
    expect(await run(new TextDecoder().decode(await bundle(program)))).toStrictEqual(['no checks\n', '', 0]);
  });
});
