import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProxyBalancer } from '../src/index.js';
import { readTicketNames } from '../src/tls/client-hello.js';
import { createCertificate } from './certificate.js';
import { visitWithOpenssl } from './openssl.js';
import { sayHi, startBalancer, startTarget, target } from './proxy-support.js';
import { cleanUp } from './support.js';

const certificate = createCertificate('localhost');
const newKey = (): Buffer => randomBytes(48);

/** Balancers with the same keys, as those of one cluster. */
async function startBalancers(
  count: number,
  ticketKeys: Buffer,
): Promise<{ balancers: ProxyBalancer[]; ports: number[] }> {
  const a = await startTarget('a', sayHi);
  const tls = { ...certificate, ticketKeys, sessionIdContext: 'cluster' };
  const started = await Promise.all(Array.from({ length: count }, () => startBalancer({ targets: [target(a)], tls })));
  return { balancers: started.map(({ balancer }) => balancer), ports: started.map(({ port }) => port) };
}

/** Connects, and settles with the connection and the ticket that it got. */
async function visit(port: number, options: ConnectionOptions): Promise<{ isReused: boolean; session: Buffer }> {
  const connection: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  cleanUp(() => connection.destroy());
  let session: Buffer | undefined;
  connection.on('session', (ticket: Buffer) => (session = ticket));
  await once(connection, 'data');
  return { isReused: connection.isSessionReused(), session: session ?? connection.getSession()! };
}

/** The first bytes that a TLS client sends. */
async function helloOf(options: ConnectionOptions = {}): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ ...options, port: (server.address() as { port: number }).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

describe('Ticket keys that rotate', () => {
  it.each(['tls1_2', 'tls1_3'])('let openssl resume in another balancer, before and after (%s)', async (version) => {
    const [old, fresh] = [newKey(), newKey()];
    const { balancers, ports } = await startBalancers(2, old);
    const directory = mkdtempSync(join(tmpdir(), 'sc-balancer-'));
    cleanUp(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'session');
    const first = await visitWithOpenssl(ports[0]!, `-${version}`, '-sess_out', file);
    expect(first.output).toMatch(/^New, TLSv/m);
    const second = await visitWithOpenssl(ports[1]!, `-${version}`, '-sess_in', file);
    expect(second.output).toMatch(/^Reused, TLSv/m);
    for (const balancer of balancers) balancer.setTicketKeys([fresh, old]);
    const third = await visitWithOpenssl(ports[1]!, `-${version}`, '-sess_in', file);
    expect(third.output).toMatch(/^Reused, TLSv/m);
    for (const balancer of balancers) balancer.setTicketKeys([newKey(), fresh]);
    const fourth = await visitWithOpenssl(ports[0]!, `-${version}`, '-sess_in', file);
    expect(fourth.output).toMatch(/^New, TLSv/m);
  });

  it('seal with the newest one', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const { balancers, ports } = await startBalancers(2, old);
    for (const balancer of balancers) balancer.setTicketKeys([fresh, old]);
    const before = await visit(ports[0]!, {});
    for (const balancer of balancers) balancer.setTicketKeys([fresh]);
    const after = await visit(ports[1]!, { session: before.session });
    expect([before.isReused, after.isReused]).toEqual([false, true]);
  });

  it('do not mix up clients that come at once with tickets of different keys', async () => {
    const keys = [newKey(), newKey(), newKey()] as const;
    const { balancers, ports } = await startBalancers(1, keys[2]);
    const [balancer, port] = [balancers[0]!, ports[0]!];
    const sessions: Buffer[] = [];
    for (const key of keys) {
      balancer.setTicketKeys(key);
      sessions.push((await visit(port, {})).session);
    }
    balancer.setTicketKeys([keys[1], keys[0]]);
    // Tickets of the third key can no longer be decrypted.
    const visits = Array.from({ length: 30 }, (_, i) => visit(port, { session: sessions[i % 3]! }));
    const reused = (await Promise.all(visits)).map(({ isReused }) => isReused);
    expect(reused).toEqual(Array.from({ length: 30 }, (_, i) => i % 3 !== 2));
  });

  it('are found however the first message is cut', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const { balancers, ports } = await startBalancers(1, old);
    const { session } = await visit(ports[0]!, {});
    balancers[0]!.setTicketKeys([fresh, old]);
    // A stranger in between that sends byte by byte.
    const stranger = createServer((client) => {
      const server = connectTcp({ port: ports[0]!, host: '127.0.0.1', noDelay: true });
      let isFirst = true;
      client.on('data', (data: Buffer) => {
        if (isFirst) for (const byte of data) server.write(Buffer.from([byte]));
        else server.write(data);
        isFirst = false;
      });
      server.pipe(client);
      client.on('error', () => undefined).on('close', () => server.destroy());
      server.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    cleanUp(() => stranger.close());
    await once(stranger, 'listening');
    const { isReused } = await visit((stranger.address() as { port: number }).port, { session });
    expect(isReused).toBe(true);
  });

  it('do not keep clients that begin with something else, or with nothing, from being sent away', async () => {
    const problems: Error[] = [];
    const { balancer, port } = await startBalancer({
      tls: { ...certificate, handshakeTimeout: 50 },
      onWarning: (error) => problems.push(error),
    });
    balancer.setTicketKeys([newKey(), newKey()]);
    const talkative = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    talkative.write('GET / HTTP/1.1\r\n\r\n');
    const silent = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    const brief = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    brief.end(Buffer.from([22, 3, 1]));
    await Promise.all([talkative, silent, brief].map((client) => once(client.resume(), 'close')));
    expect(problems).toMatchObject([{ code: 'ERR_SSL_HTTP_REQUEST' }]);
    while (balancer.status().connections > 0) await new Promise(setImmediate);
  });

  it('are refused when they have another length', async () => {
    const { balancer } = await startBalancer({ tls: certificate });
    expect(() => balancer.setTicketKeys([newKey(), randomBytes(47)])).toThrow(
      'Ticket keys must be one or more buffers of 48 bytes',
    );
    expect(() => balancer.setTicketKeys([])).toThrow('Ticket keys must be one or more buffers of 48 bytes');
  });
});

describe('The first message of a TLS client', () => {
  it('is complete with its last byte and not before', async () => {
    const hello = await helloOf();
    for (let length = 0; length < hello.length; length++) {
      expect(readTicketNames(hello.subarray(0, length))).toBe('incomplete');
    }
    expect(readTicketNames(hello)).toEqual([]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('names the key of its ticket (%s)', async (maxVersion) => {
    const key = newKey();
    const { ports } = await startBalancers(1, key);
    const { session } = await visit(ports[0]!, { maxVersion });
    const hello = await helloOf({ session, maxVersion });
    expect(readTicketNames(hello)).toEqual([key.subarray(0, 16)]);
    // The same in two records.
    const [type, rest] = [hello.subarray(0, 3), hello.subarray(5)];
    const record = (bytes: Buffer): Buffer =>
      Buffer.concat([type, Buffer.from([bytes.length >> 8, bytes.length]), bytes]);
    const cut = Buffer.concat([record(rest.subarray(0, 2)), record(rest.subarray(2))]);
    expect(readTicketNames(cut)).toEqual([key.subarray(0, 16)]);
    expect(readTicketNames(cut.subarray(0, -1))).toBe('incomplete');
  });

  it('is read or let through, never thrown at, whatever the bytes', async () => {
    const hello = await helloOf();
    const spoilt = fc
      .array(fc.tuple(fc.nat(hello.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
      .map((changes) => {
        const bytes = Buffer.from(hello);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 600 })), (bytes) => {
        const names = readTicketNames(Buffer.from(bytes));
        expect(names === 'incomplete' || names.every(({ length }) => length === 16)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
