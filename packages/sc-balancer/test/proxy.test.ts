import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { ProxyBalancer } from '../src/index.js';
import type { ProxyInfo } from '../src/index.js';
import { createCertificate } from './certificate.js';
import { readAll, sayHi, servedBy, startBalancer, startHttpTarget, startTarget, target } from './proxy-support.js';
import { cleanUp, closeOf, get, until } from './support.js';

const certificate = createCertificate('balancer.example');

describe('The proxy', () => {
  it('relays a connection to a target and tells it who the client is', async () => {
    const a = await startHttpTarget('a');
    const { port } = await startBalancer({ targets: [target(a)] });
    const client = connect(port, '127.0.0.1');
    cleanUp(() => client.destroy());
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [data] = (await once(client, 'data')) as [Buffer];
    const expected = { id: 'a', remoteAddress: '127.0.0.1', remotePort: client.localPort, encrypted: false };
    expect(JSON.parse(data.toString().split('\r\n\r\n')[1]!)).toEqual(expected);
  });

  it('ends TLS and says so', async () => {
    const infos: ProxyInfo[] = [];
    const a = await startTarget('a', (connection, info) => {
      infos.push(info);
      connection.end('hello');
    });
    const { balancer, port } = await startBalancer({ targets: [target(a)], tls: certificate });
    const client = connectTls({ port, host: '127.0.0.1', ca: certificate.cert, servername: 'balancer.example' });
    cleanUp(() => client.destroy());
    expect((await readAll(client)).toString()).toBe('hello');
    expect(infos).toEqual([
      {
        command: 'proxy',
        source: { address: '127.0.0.1', port: expect.any(Number) },
        destination: { address: '127.0.0.1', port },
        tls: {
          version: 'TLSv1.3',
          cipher: expect.stringMatching(/^TLS_/),
          clientVerified: false,
          serverName: 'balancer.example',
        },
      },
    ]);
    await until(() => balancer.status().connections === 0, 'the connection is closed');
  });

  it.each([false, true])(
    'carries megabytes both ways unchanged, at the pace of who is slower (TLS: %s)',
    async (tls) => {
      const upload = randomBytes(8 * 1024 * 1024);
      const download = randomBytes(8 * 1024 * 1024);
      const received: Buffer[] = [];
      const a = await startTarget('a', (connection) => {
        let left = upload.length;
        connection.write(download);
        connection.on('data', (data: Buffer) => {
          received.push(data);
          left -= data.length;
          // It stops reading now and then, so that the balancer has to hold the client back.
          connection.pause();
          setImmediate(() => connection.resume());
          if (left === 0) connection.end();
        });
      });
      const { balancer, port } = await startBalancer({ targets: [target(a)], ...(tls ? { tls: certificate } : {}) });
      const client = tls
        ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
        : connect({ port, host: '127.0.0.1' });
      cleanUp(() => client.destroy());
      client.write(upload);
      expect((await readAll(client)).equals(download)).toBe(true);
      expect(Buffer.concat(received).equals(upload)).toBe(true);
      await until(() => balancer.status().connections === 0 && a.open.size === 0, 'everything is closed');
      expect(balancer.status().targets[0]!.connections).toBe(0);
    },
  );

  it('holds a client back that sends more than its target reads', async () => {
    const a = await startTarget('a', (connection) => connection.pause());
    const { port } = await startBalancer({ targets: [target(a)] });
    const client = connect(port, '127.0.0.1').on('error', () => undefined);
    cleanUp(() => client.destroy());
    const chunk = Buffer.alloc(65_536);
    const wanted = 64 * 1024 * 1024;
    const feed = (): void => {
      while (client.bytesWritten < wanted && client.write(chunk));
    };
    client.on('drain', feed);
    feed();
    let before = -1;
    let looks = 0;
    // The buffers on the way are full when nothing moves any more.
    await until(() => {
      looks = a.open.size === 1 && client.bytesWritten === before ? looks + 1 : 0;
      before = client.bytesWritten;
      return looks === 50;
    }, 'it stands still');
    expect(client.bytesWritten).toBeLessThan(wanted / 2);
  });

  it('passes on the end of one direction and keeps the other open', async () => {
    const a = await startTarget('a', (connection) => {
      let text = '';
      connection.on('data', (data: Buffer) => (text += data.toString()));
      connection.on('end', () => connection.end(`got ${text}`));
    });
    const { port } = await startBalancer({ targets: [target(a)] });
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.end('all of it');
    expect((await readAll(client)).toString()).toBe('got all of it');
  });

  it('ends a half closed connection on which nothing moves', async () => {
    const a = await startTarget('a', (connection) => connection.resume());
    const { balancer, port } = await startBalancer({ targets: [target(a)], halfCloseTimeoutMs: 50 });
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    cleanUp(() => client.destroy());
    client.end('x');
    await until(() => a.open.size === 1, 'the target has it');
    await until(() => balancer.status().connections === 0, 'both ends are closed');
    expect(balancer.status().targets[0]!.connections).toBe(0);
  });

  it('closes the client when its target breaks, and the target when its client does', async () => {
    const a = await startTarget('a', sayHi);
    const { balancer, port } = await startBalancer({ targets: [target(a)] });
    const clients = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(clients.map((client) => once(client, 'data')));
    clients[0]!.resetAndDestroy();
    await until(() => a.open.size === 1, 'the target lost one');
    const closed = closeOf(clients[1]!);
    for (const connection of a.open) connection.destroy();
    await closed;
    await until(() => balancer.status().connections === 0, 'everything is closed');
    expect(balancer.status().targets[0]!.connections).toBe(0);
  });

  it('chooses the target with the fewest connections', async () => {
    const [a, b] = [await startHttpTarget('a'), await startHttpTarget('b')];
    const { balancer, port } = await startBalancer({ targets: [target(a), target(b)] });
    for (let i = 0; i < 6; i++) await servedBy(port, true);
    expect(balancer.status().targets.map(({ id, connections }) => [id, connections])).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
  });

  it('goes to the next target when one refuses, and passes over that one for a while', async () => {
    let now = 1000;
    const problems: string[] = [];
    const [a, b] = [await startHttpTarget('a'), await startHttpTarget('b')];
    a.close();
    const { balancer, port } = await startBalancer({
      targets: [target(a), target(b)],
      ejectMs: 5000,
      now: () => now,
      onWarning: (error) => problems.push((error as NodeJS.ErrnoException).code!),
    });
    expect([await servedBy(port), await servedBy(port), await servedBy(port)]).toEqual(['b', 'b', 'b']);
    expect(problems).toEqual(['ENOENT']);
    expect(balancer.status().targets[0]).toEqual({ id: 'a', connections: 0, isEjected: true });
    expect(balancer.status()).toMatchObject({ accepted: 3 });
    now += 5001;
    expect(balancer.status().targets[0]!.isEjected).toBe(false);
  });

  it('keeps a connection until a target comes', async () => {
    const { balancer, port } = await startBalancer({ retryDelayMs: 60_000 });
    const served = servedBy(port);
    await until(() => balancer.status().waiting === 1, 'the connection waits');
    balancer.addTarget(target(await startHttpTarget('a')));
    expect(await served).toBe('a');
  });

  it.each([
    ['that no target has taken in time', { waitTimeoutMs: 50, retryDelayMs: 10 }],
    ['over the cap of those that wait', { maxWaiting: 0 }],
  ])('closes a connection %s', async (_name, options) => {
    const { balancer, port } = await startBalancer(options);
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(balancer.status()).toMatchObject({ waiting: 0, dropped: 1 });
  });

  it('closes connections over the limit at once', async () => {
    const a = await startHttpTarget('a');
    const warnings: Error[] = [];
    const { balancer, port } = await startBalancer({
      targets: [target(a)],
      maxConnections: 1,
      onWarning: (warning) => warnings.push(warning),
    });
    expect(await servedBy(port, true)).toBe('a');
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(balancer.status()).toMatchObject({ connections: 1, accepted: 1, dropped: 1 });
    expect(warnings.map(({ name, message }) => ({ name, message }))).toEqual([
      { name: 'ResourceLimitError', message: 'The maximum number of connections (`maxConnections`, 1) is reached' },
    ]);
  });

  it('replaces its targets and lets the old ones finish', async () => {
    const [a, b] = [await startHttpTarget('a'), await startTarget('b', (connection) => connection.pipe(connection))];
    const { balancer, port } = await startBalancer({ targets: [target(b)] });
    const client = connect(port, '127.0.0.1');
    cleanUp(() => client.destroy());
    client.write('before');
    await once(client, 'data');
    balancer.setTargets([target(a)]);
    expect([await servedBy(port), await servedBy(port)]).toEqual(['a', 'a']);
    client.write('after');
    expect(((await once(client, 'data')) as [Buffer])[0].toString()).toBe('after');
  });

  it.each([false, true])(
    'drains: finishes what is open, takes nothing new, and cuts at the deadline (TLS: %s)',
    async (tls) => {
      const a = await startTarget('a', sayHi);
      const { balancer, port } = await startBalancer({ targets: [target(a)], ...(tls ? { tls: certificate } : {}) });
      const open = (): Socket => {
        const client = tls
          ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
          : connect(port, '127.0.0.1');
        return client;
      };
      const [patient, stubborn] = [open(), open()];
      await Promise.all([once(patient, 'data'), once(stubborn, 'data')]);
      const cut = closeOf(stubborn);
      const drained = balancer.drain(300);
      const late = open();
      await closeOf(late);
      patient.end();
      await cut;
      await drained;
      expect(balancer.status()).toMatchObject({ connections: 0 });
      await until(() => a.open.size === 0, 'the target is rid of them');
    },
  );

  it('gives a connection that a target does not acknowledge to the next one', async () => {
    const stopped = createServer().listen(0, '127.0.0.1');
    cleanUp(() => stopped.close());
    await once(stopped, 'listening');
    const held: Socket[] = [];
    stopped.on('connection', (connection) => held.push(connection.on('error', () => undefined)));
    cleanUp(() => held.forEach((connection) => connection.destroy()));
    const a = await startHttpTarget('a');
    const targets = [{ id: 'stopped', port: (stopped.address() as AddressInfo).port }, target(a)];
    const problems: Error[] = [];
    const { port } = await startBalancer({
      targets,
      acknowledged: true,
      connectTimeoutMs: 100,
      onWarning: (error) => problems.push(error),
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => servedBy(port)));
    expect(new Set(answers)).toEqual(new Set(['a']));
    expect(held.length).toBeGreaterThan(0);
    expect(problems[0]).toMatchObject({
      name: 'TimeoutError',
      message: 'Target "stopped" did not accept a connection within 100 ms',
    });
  });

  it.each([
    [
      'closes the connection instead',
      (connection: Socket) => connection.end(),
      'closed a connection without accepting it',
    ],
    ['says something else', (connection: Socket) => connection.write('HTTP'), 'did not acknowledge a PROXY header'],
  ])('passes over a target that %s', async (_name, answer, problem) => {
    const odd = createServer((connection) => {
      connection.on('error', () => undefined).resume();
      answer(connection);
    }).listen(0, '127.0.0.1');
    cleanUp(() => odd.close());
    await once(odd, 'listening');
    const a = await startHttpTarget('a');
    const problems: string[] = [];
    const { balancer, port } = await startBalancer({
      targets: [{ id: 'odd', port: (odd.address() as AddressInfo).port }],
      acknowledged: true,
      onWarning: ({ message }) => problems.push(message),
    });
    const answered = servedBy(port);
    await until(() => problems.length > 0, 'the odd one was tried');
    balancer.addTarget(target(a));
    expect(await answered).toBe('a');
    expect(problems[0]).toBe(`Target "odd" ${problem}`);
  });

  it('finishes: what targets have said arrives, and nobody without a target is waited for', async () => {
    const held: Socket[] = [];
    const a = await startTarget('a', (connection) => {
      connection.write('x');
      held.push(connection);
    });
    const { balancer, port } = await startBalancer({ targets: [target(a)], tls: certificate });
    const silent = connect(port, '127.0.0.1');
    const reader = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    cleanUp(() => reader.destroy());
    await once(reader, 'readable');
    const finished = balancer.finish(10_000);
    await closeOf(silent);
    held[0]!.end(Buffer.alloc(300_000, 'x'));
    const [text] = await Promise.all([readAll(reader), finished]);
    expect(text).toHaveLength(300_001);
    expect(balancer.status().connections).toBe(0);
  });

  it('survives clients that speak no TLS and ends those that say nothing', async () => {
    const problems: unknown[] = [];
    const a = await startHttpTarget('a');
    const { balancer, port } = await startBalancer({
      targets: [target(a)],
      tls: { ...certificate, handshakeTimeout: 500 },
      onWarning: (error) => problems.push((error as NodeJS.ErrnoException).code),
    });
    await expect(get(port)).rejects.toThrow();
    const silent = connect(port, '127.0.0.1');
    await closeOf(silent);
    await until(() => balancer.status().connections === 0, 'everything is closed');
    expect(problems).toEqual(['ERR_SSL_HTTP_REQUEST', 'ERR_TLS_HANDSHAKE_TIMEOUT']);
    expect(a.open.size).toBe(0);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('refuses %s', async (version) => {
    const { port } = await startBalancer({ tls: certificate });
    const client = connectTls({
      port,
      host: '127.0.0.1',
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|INTERNAL_ERROR/);
  });

  it('says which port is in use, and is closed twice without harm', async () => {
    const { port } = await startBalancer({});
    const other = new ProxyBalancer();
    await expect(other.listen(port, '127.0.0.1')).rejects.toMatchObject({
      name: 'StartError',
      message: `Port ${port} is in use by another process`,
    });
    await Promise.all([other.close(), other.close()]);
  });
});
