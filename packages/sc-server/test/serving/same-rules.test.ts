import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type SCClientSocket } from 'sc-client';
import { InvalidFrameError } from 'sc-protocol';
import { createCleanup, rawSocket, waitFor } from 'sc-testkit';
import { WebSocketServer, type WebSocket } from 'ws';
import { SCServer } from '../../src/server/sc-server.js';
import { startServer, type TestServer } from './support.js';
import type { SCSocket } from '../../src/socket/sc-socket.js';

const cleanup = createCleanup();
let server: TestServer;
let client: SCClientSocket;
let ofServer: SCSocket;

beforeAll(async () => {
  server = await startServer(cleanup, { maxPayloadBytes: 20_000 });
  client = cleanup.add(connect({ url: server.url, autoReconnect: false }), (socket) => socket.destroy());
  const { id } = await new Promise<{ id: string }>((resolve) => client.once('connect', resolve));
  const socket = server.scServer.clients[id];
  if (socket === undefined) throw new Error(`The server has no client ${id}`);
  ofServer = socket;
});

afterAll(() => cleanup.run());

/** Name and message of what a function throws, or rejects with. */
async function refusalOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
  return 'accepted';
}

const badNames: readonly (readonly [string, string])[] = [
  ['an empty name', ''],
  ['a control character', 'a\u0000b'],
  ['a control character of the second block', 'a\u0085b'],
  ['half of a surrogate pair', 'half \ud800'],
  ['256 bytes', 'x'.repeat(256)],
  ['256 bytes of two-byte characters', 'é'.repeat(128)],
];

describe('a client and a server refuse the same', () => {
  it.each(badNames)('channel name: %s', async (_what, name) => {
    const refusals = await Promise.all([
      refusalOf(() => client.publish(name, 1)),
      refusalOf(() => client.subscribe(name)),
      refusalOf(() => client.channel(name)),
      refusalOf(() => server.scServer.exchange.publish(name, 1)),
      refusalOf(() => server.scServer.exchange.subscribe(name)),
    ]);
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toMatch(/^InvalidArgumentsError: A channel name must /);
  });

  it.each(badNames)('event name: %s', async (_what, name) => {
    const refusals = await Promise.all([
      refusalOf(() => client.emit(name, 1)),
      refusalOf(() => client.invoke(name, 1)),
      refusalOf(() => ofServer.emit(name, 1)),
      refusalOf(() => ofServer.invoke(name, 1)),
    ]);
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toMatch(/^InvalidArgumentsError: An event name must /);
  });

  it.each([
    ['0', 0],
    ['a negative time', -1],
    ['NaN', NaN],
  ])('time limit: %s', async (_what, timeoutMs) => {
    const ofClient = await refusalOf(() => client.invoke('x', 1, { timeoutMs }));
    expect(await refusalOf(() => ofServer.invoke('x', 1, { timeoutMs }))).toBe(ofClient);
    expect(ofClient).toMatch(/^InvalidArgumentsError: /);
  });

  it.each([Infinity, 2 ** 31, 0.5])('neither a time limit of %d', async (timeoutMs) => {
    const removeHandler = client.handle('echo', (data) => data);
    ofServer.handle('echo', (data) => data);
    const limit = timeoutMs < 1 ? 'TimeoutError' : '5';
    const outcome = (call: Promise<unknown>) =>
      call.then(String, (error: unknown) => {
        return (error as Error).name;
      });
    const outcomes = [client.invoke('echo', 5, { timeoutMs }), ofServer.invoke('echo', 5, { timeoutMs })].map(outcome);
    for (const one of await Promise.all(outcomes)) expect([limit, '5']).toContain(one);
    removeHandler();
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const nested = (levels: number): unknown => (levels === 0 ? [] : [nested(levels - 1)]);
  it.each<[string, unknown]>([
    ['a cycle', cycle],
    ['a BigInt', 10n],
    ['65 levels', nested(65)],
    ['1,000 levels', nested(1000)],
    [
      'a getter that throws',
      {
        get x(): never {
          throw new TypeError('Not readable');
        },
      },
    ],
  ])('data: %s', async (_what, data) => {
    const errorName = (text: string) => text.slice(0, text.indexOf(':'));
    const refusals = await Promise.all([
      refusalOf(() => client.emit('x', data)),
      refusalOf(() => client.invoke('x', data)),
      refusalOf(() => client.publish('x', data)),
      refusalOf(() => ofServer.emit('x', data)),
      refusalOf(() => ofServer.invoke('x', data)),
      refusalOf(() => server.scServer.exchange.publish('x', data)),
    ]);
    expect(new Set(refusals.map(errorName))).toEqual(new Set(['InvalidArgumentsError']));
  });

  it('options: unknown names and values outside of their rules', async () => {
    const cases: readonly object[] = [
      { ackTimeout: 0 },
      { ackTimeout: 1.5 },
      { ackTimeout: 2 ** 31 },
      { ackTimeout: '5' },
      { protocolVersion: 3 },
      { path: 'socket' },
      { codecEngine: {} },
    ];
    for (const options of cases) {
      const [option = ''] = Object.keys(options);
      const ofClient = await refusalOf(() => connect({ autoConnect: false, ...options }).destroy());
      const ofThisServer = await refusalOf(() => SCServer.attach(server.httpServer, { path: '/second/', ...options }));
      for (const refusal of [ofClient, ofThisServer])
        expect(refusal).toMatch(`InvalidOptionsError: \`${option}\` must`);
    }
    const unknown = { ackTimeot: 5 };
    const ofClient = await refusalOf(() => connect(unknown as object));
    const ofThisServer = await refusalOf(() => SCServer.attach(server.httpServer, unknown as object));
    expect(ofThisServer).toBe(ofClient.replace('option of connect', 'option of SCServer'));
  });

  it('size: the limit that the server announces is the one that the client keeps', async () => {
    const largest = 'x'.repeat(20_000 - '{"event":"big","data":""}'.length);
    const arrived = new Promise((resolve) => ofServer.on('big', resolve));
    client.emit('big', largest);
    expect(await arrived).toBe(largest);
    expect(await refusalOf(() => client.emit('big', `${largest}x`))).toMatch(/^PayloadTooLargeError/);
    const raw = cleanup.add(await rawSocket(server.url), (one) => one.terminate());
    await raw.handshake();
    raw.emit('big', `${largest}x`);
    expect((await raw.closed).code).toBe(1009);
  });
});

describe('the same bad frame', () => {
  /** The server's reaction to a frame of a client: an error in its answer, or a close code. */
  async function byServer(text: string): Promise<string> {
    const raw = cleanup.add(await rawSocket(server.url), (one) => one.terminate());
    await raw.handshake();
    raw.send(text);
    let outcome: string | undefined;
    void raw.closed.then(({ code }) => (outcome ??= `closed with ${code}`));
    const answer = () => raw.frames.find(({ rid }) => rid === 77)?.['error'] as Error | undefined;
    return waitFor(() => outcome ?? answer()?.name, { what: 'the refusal', deadlineMs: 30_000 });
  }

  /** A client's reaction to a frame of a server: an `error` event, and a close code if it leaves. */
  async function byClient(text: string): Promise<string> {
    const sockets = cleanup.add(new WebSocketServer({ port: 0 }), (one) => one.close());
    const opened = new Promise<WebSocket>((resolve) => sockets.once('connection', resolve));
    await new Promise((resolve) => sockets.once('listening', resolve));
    const { port } = sockets.address() as { port: number };
    const socket = cleanup.add(connect({ hostname: '127.0.0.1', port, autoReconnect: false }), (one) => one.destroy());
    const peer = await opened;
    const closed = new Promise<string>((resolve) => peer.once('close', (code) => resolve(`closed with ${code}`)));
    peer.once('message', () => {
      peer.send(JSON.stringify({ rid: 1, data: { id: 'x', isAuthenticated: false, pingTimeout: 20_000 } }));
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    const failed = new Promise<string>((resolve) => socket.once('error', (error) => resolve((error as Error).name)));
    peer.send(text);
    const error = await failed;
    expect(error).toBe(InvalidFrameError.name);
    return socket.state === 'closed' ? closed : error;
  }

  it.each([
    ['a text that is no JSON', '{"event":'],
    ['data nested too deeply', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['a batch that is too long', `[${Array.from({ length: 5000 }, () => '{}').join(',')}]`],
    ['a channel without a name', '{"event":"#publish","data":{},"cid":77}'],
    ['a channel name that is a number', '{"event":"#publish","data":{"channel":5},"cid":77}'],
    ['a channel name with a control character', '{"event":"#publish","data":{"channel":"a\\u0000"},"cid":77}'],
    ['a channel name of 256 bytes', `{"event":"#publish","data":{"channel":"${'x'.repeat(256)}"},"cid":77}`],
    ['an event name that is empty', '{"event":"","cid":77}'],
    ['an event name of half a pair', '{"event":"\\ud800","cid":77}'],
    ['data that is no object', '{"event":"#publish","data":[],"cid":77}'],
  ])('%s is refused alike', async (_what, text) => {
    expect(await byClient(text)).toBe(await byServer(text));
  });
});
