import { describe, expect, it } from '@jest/globals';
import { createCleanup } from 'sc-testkit';
import type { SCServerOptions } from '../../../src/server/options.js';
import type { SCServer } from '../../../src/server/sc-server.js';
import type { RawSocket } from 'sc-testkit';
import { startServer, withCleanup } from '../support.js';
import { opcodes, tcpClient } from '../tcp-client.js';

interface Case {
  readonly code: number;
  readonly reason: string;
  readonly when: string;
  readonly options?: SCServerOptions;
  /** Whether the handshake is done first. @default true */
  readonly isOpen?: boolean;
  readonly cause: (raw: RawSocket, scServer: SCServer) => unknown;
}

const only = (scServer: SCServer) => Object.values(scServer.clients)[0];

const cases: Case[] = [
  { code: 1000, reason: 'Normal', when: 'the server disconnects', cause: (_raw, server) => only(server)?.disconnect() },
  {
    code: 1001,
    reason: 'Going away',
    when: 'the server closes',
    cause: (_raw, server) => void server.close(),
  },
  {
    code: 4001,
    reason: 'Pong timeout',
    when: 'the client stays silent',
    options: { pingInterval: 20, pingTimeout: 60 },
    cause: () => undefined,
  },
  {
    code: 4005,
    reason: 'Handshake timeout',
    when: 'there is no handshake in time',
    options: { handshakeTimeout: 50 },
    isOpen: false,
    cause: () => undefined,
  },
  {
    code: 4009,
    reason: 'Frame before handshake',
    when: 'another frame comes before the handshake',
    isOpen: false,
    cause: (raw) => raw.sendFrame({ event: 'echo', cid: 1 }),
  },
  {
    code: 4010,
    reason: 'A message could not be decoded',
    when: 'a message is no JSON',
    cause: (raw) => raw.send('{"event":'),
  },
  {
    code: 4010,
    reason: 'Invalid #publish frame: data must be an object',
    when: 'a frame that is no call breaks the protocol',
    cause: (raw) => raw.emit('#publish'),
  },
  {
    code: 4500,
    reason: 'banned',
    when: 'the application says so',
    cause: (_raw, server) => only(server)?.disconnect(4500, 'banned'),
  },
];

describe('the server closes', () => {
  it.each(cases)('with $code when $when', async ({ code, reason, options, isOpen, cause }) => {
    const cleanup = createCleanup();
    try {
      const server = await startServer(cleanup, options);
      const raw = await server.open({ answersPings: false });
      if (isOpen !== false) await raw.handshake();
      cause(raw, server.scServer);
      expect(await raw.closed).toEqual({ code, reason });
    } finally {
      await cleanup.run();
    }
  });

  it(
    'with 1007 when text is not UTF-8, with 1002 when a frame breaks the WebSocket protocol',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const text = await tcpClient(cleanup, server.port);
      text.sendFrame(opcodes.text, Buffer.from([0x7b, 0xff, 0xfe]));
      expect(await text.closeCode()).toBe(1007);
      const unmasked = await tcpClient(cleanup, server.port);
      unmasked.socket.write(Buffer.from([0x81, 0x01, 0x7b]));
      expect(await unmasked.closeCode()).toBe(1002);
      // Compressed, which was not agreed on: nothing is inflated, however small the bomb.
      const compressed = await tcpClient(cleanup, server.port);
      compressed.socket.write(Buffer.from([0xc1, 0x81, 1, 2, 3, 4, 0]));
      expect(await compressed.closeCode()).toBe(1002);
      const reserved = await tcpClient(cleanup, server.port);
      reserved.sendFrame(5, 'x');
      expect(await reserved.closeCode()).toBe(1002);
    }),
  );

  it(
    'with 4002 when a token cannot be signed',
    withCleanup(async (cleanup) => {
      const signToken = () => Promise.reject(new Error('The key is away'));
      const authEngine = { signToken, verifyToken: () => ({}) };
      const server = await startServer(cleanup, { authEngine });
      const { raw, socket } = await server.connect();
      await expect(socket.setAuthToken({ username: 'ada' })).rejects.toMatchObject({ name: 'AuthTokenError' });
      expect(await raw.closed).toEqual({ code: 4002, reason: 'Token sign failed' });
    }),
  );

  it(
    'with 1011 when a message cannot be handled, and the process goes on',
    withCleanup(async (cleanup) => {
      // Passes the check of what was decoded, and fails when it is handled.
      let reads = 0;
      const bad = {
        get event(): string {
          if (reads++ > 0) throw new Error('gotcha');
          return 'fine';
        },
      };
      const codec = {
        encode: (value: unknown) => JSON.stringify(value),
        decode: (text: unknown) => (text === 'bad' ? bad : JSON.parse(String(text))) as unknown,
      };
      const server = await startServer(cleanup, { codecEngine: codec, protocolVersion: 2 });
      const { raw } = await server.connect();
      raw.send('bad');
      expect((await raw.closed).code).toBe(1011);
      expect(server.log.map(({ message }) => message)).toEqual(['A message could not be handled']);
      await server.connect();
    }),
  );

  it(
    'with what the client closed with, and tells the application once',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const { raw, socket } = await server.connect();
      const events: unknown[] = [];
      socket.on('disconnect', (code, reason) => void events.push([code, reason]));
      const gone = new Promise<void>((resolve) => {
        server.scServer.on('disconnection', (who, code, reason) => {
          events.push([who.id === socket.id, code, reason]);
          resolve();
        });
      });
      await raw.close(4123, 'my own');
      await gone;
      expect(events).toEqual([
        [4123, 'my own'],
        [true, 4123, 'my own'],
      ]);
      expect(socket.state).toBe('closed');
    }),
  );

  it(
    'says 1006 to the application when the connection was cut',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const { raw, socket } = await server.connect();
      const gone = new Promise((resolve) => socket.on('disconnect', (code) => resolve(code)));
      raw.terminate();
      expect(await gone).toBe(1006);
    }),
  );

  it.each([999, 1004, 1005, 1006, 1015, 2000, 5000, 1000.5, NaN])('never with %d', async (code) => {
    const cleanup = createCleanup();
    try {
      const { connect } = await startServer(cleanup);
      const { socket } = await connect();
      expect(() => socket.disconnect(code)).toThrow('A close code must be 1000 to 1014');
      expect(socket.state).toBe('open');
    } finally {
      await cleanup.run();
    }
  });

  it(
    'with a reason cut to 123 bytes at a whole character',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const { raw, socket } = await server.connect();
      socket.disconnect(4000, `${'x'.repeat(121)}€€`);
      expect((await raw.closed).reason).toBe('x'.repeat(121));
    }),
  );

  it(
    'says goodbye with #disconnect first to clients that spoke protocol v1',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { protocolVersion: 1 });
      const { raw, socket } = await server.connect();
      socket.disconnect(4321, 'later');
      await raw.closed;
      expect(raw.frames.slice(-1)).toEqual([{ event: '#disconnect', data: { code: 4321, data: 'later' } }]);
    }),
  );
});
