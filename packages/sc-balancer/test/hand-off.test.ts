import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { HandOffListener } from '../src/index.js';
import type { HandOffOptions } from '../src/index.js';
import { cleanUp, get, messageOf, setHabit, startTarget, until } from './support.js';

async function listen(options: Partial<HandOffOptions> = {}): Promise<{ listener: HandOffListener; port: number }> {
  const listener = new HandOffListener({ port: 0, host: '127.0.0.1', rampMs: 0, ...options });
  cleanUp(() => listener.close());
  const { port } = await listener.listen();
  return { listener, port };
}

const servedBy = async (port: number, keepAlive = false): Promise<string> =>
  (JSON.parse(await get(port, '/', { keepAlive })) as { id: string }).id;

describe('Hand-off', () => {
  it('gives a connection to a target, which serves it after this process has closed its copy', async () => {
    const { listener, port } = await listen();
    await startTarget(listener, 'a');
    expect(await get(port, '/slow')).toBe('first part, second part');
    await until(() => listener.status().targets[0]?.connections === 0, 'the connection is released');
    expect(listener.status()).toEqual({
      targets: [{ id: 'a', connections: 0, isDraining: false }],
      accepted: 1,
      waiting: 0,
      dropped: 0,
    });
  });

  it('keeps no copy of a connection that a target has', async () => {
    const { listener, port } = await listen();
    await startTarget(listener, 'a');
    // The target closes without a farewell; the client notices only when nobody else has the connection.
    await expect(get(port, '/destroy')).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(listener.status().dropped).toBe(0);
  });

  it("leaves the client's address on the connection", async () => {
    const { listener, port } = await listen();
    await startTarget(listener, 'a');
    const client = connect(port, '127.0.0.1');
    cleanUp(() => client.destroy());
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [data] = (await once(client, 'data')) as [Buffer];
    expect(data.toString()).toContain(`{"id":"a","remoteAddress":"127.0.0.1","remotePort":${client.localPort!}}`);
  });

  it('chooses the target with the fewest connections', async () => {
    const { listener, port } = await listen();
    await startTarget(listener, 'a');
    await startTarget(listener, 'b');
    const first = [
      await servedBy(port, true),
      await servedBy(port, true),
      await servedBy(port, true),
      await servedBy(port, true),
    ];
    expect(first.filter((id) => id === 'a')).toHaveLength(2);
    await startTarget(listener, 'c');
    expect([await servedBy(port, true), await servedBy(port, true)]).toEqual(['c', 'c']);
    expect(listener.status().targets.map(({ id, connections }) => [id, connections])).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
    ]);
  });

  it.each([
    ['refuses', 'closed', 60_000],
    ['is silent', 'mute', 300],
    ['dies', 'dies', 60_000],
  ])('gives the connection to the next target when the first one %s', async (_name, habit, ackTimeoutMs) => {
    const { listener, port } = await listen({ ackTimeoutMs });
    const bad = await startTarget(listener, 'bad');
    await setHabit(bad, habit);
    await startTarget(listener, 'good');
    const served = await Promise.all([1, 2, 3, 4].map(() => servedBy(port)));
    expect(served).toEqual(['good', 'good', 'good', 'good']);
    await until(
      () => listener.status().targets.every(({ connections }) => connections === 0),
      'nothing is counted any more',
    );
    expect(listener.status()).toMatchObject({ waiting: 0, dropped: 0 });
  });

  it('does not let a target that was stopped take what another one has got', async () => {
    const { listener, port } = await listen({ ackTimeoutMs: 1_000 });
    const late = await startTarget(listener, 'late');
    late.kill('SIGSTOP');
    cleanUp(() => late.kill('SIGCONT'));
    const client = connect(port, '127.0.0.1');
    cleanUp(() => client.destroy());
    await once(client, 'connect');
    await until(() => listener.status().targets[0]!.connections === 1, 'the stopped target was asked');
    await startTarget(listener, 'other');
    await until(() => listener.status().targets[1]!.connections === 1, 'the other target got it');
    const refused = messageOf(late, (message) => message['kind'] === 'refused');
    late.kill('SIGCONT');
    await refused;
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [data] = (await once(client, 'data')) as [Buffer];
    expect(data.toString()).toContain('"id":"other"');
  });

  it('keeps a connection until a target comes', async () => {
    const { listener, port } = await listen();
    const served = servedBy(port);
    await until(() => listener.status().waiting === 1, 'the connection waits');
    await startTarget(listener, 'a');
    expect(await served).toBe('a');
  });

  it('offers a connection again that every target refused', async () => {
    const { listener, port } = await listen({ ackTimeoutMs: 100, retryDelayMs: 10 });
    const child = await startTarget(listener, 'a');
    await setHabit(child, 'mute');
    const served = servedBy(port);
    await until(() => listener.status().waiting === 1, 'the target did not answer');
    await setHabit(child, 'good');
    expect(await served).toBe('a');
  });

  it('offers a connection that one target refused to the next one before those that came after it', async () => {
    const { listener, port } = await listen({ maxUnanswered: 1, retryDelayMs: 60_000 });
    const offers: { readonly to: string; readonly id: number; readonly from: number | undefined }[] = [];
    for (const to of ['a', 'b']) {
      listener.addTarget({ id: to, send: ({ id }, { remotePort: from }) => offers.push({ to, id, from }) });
    }
    const clients: Socket[] = [];
    for (const [offered, waiting] of [
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 2],
    ]) {
      const client = connect(port, '127.0.0.1');
      cleanUp(() => client.destroy());
      clients.push(client);
      await until(
        () => offers.length === offered && listener.status().waiting === waiting,
        `${offered} connections are offered and ${waiting} wait`,
      );
    }
    const [first, second] = offers;
    listener.handleMessage(first!.to, { kind: 'refused', id: first!.id });
    listener.handleMessage(second!.to, { kind: 'accepted', id: second!.id });
    const ports = clients.map(({ localPort }) => localPort);
    expect(offers.slice(2).map(({ to, from }) => [to, from])).toEqual([
      [first!.to, ports[2]],
      [second!.to, ports[0]],
    ]);
  });

  it('closes a connection that no target has taken in time', async () => {
    const problems: Error[] = [];
    const { listener, port } = await listen({ waitTimeoutMs: 50, onWarning: (error) => problems.push(error) });
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(listener.status()).toEqual({ targets: [], accepted: 1, waiting: 0, dropped: 1 });
    expect(problems).toMatchObject([{ name: 'TimeoutError', message: 'No target took a connection within 50 ms' }]);
  });

  it('passes over targets that can hold no more, and closes a connection at once when none can', async () => {
    const problems: Error[] = [];
    const { listener, port } = await listen({ onWarning: (error) => problems.push(error) });
    await startTarget(listener, 'small', { maxConnections: 1 });
    await startTarget(listener, 'large', { maxConnections: 3 });
    const served = [];
    for (let i = 0; i < 4; i++) served.push(await servedBy(port, true));
    expect(served.filter((id) => id === 'large')).toHaveLength(3);
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(problems).toMatchObject([{ name: 'ResourceLimitError', limit: 'targetConnections' }]);
    expect(listener.status()).toMatchObject({ accepted: 5, waiting: 0, dropped: 1 });
    await startTarget(listener, 'new');
    expect(await servedBy(port)).toBe('new');
  });

  it('holds no more connections than it may, with or without a target', async () => {
    const problems: Error[] = [];
    const { listener, port } = await listen({ maxConnections: 2, onWarning: (error) => problems.push(error) });
    const mute = await startTarget(listener, 'mute');
    await setHabit(mute, 'mute');
    const held = [get(port), get(port)];
    for (const one of held) one.catch(() => undefined);
    await until(() => listener.status().accepted === 2, 'two are held');
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(problems).toMatchObject([{ name: 'ResourceLimitError', limit: 'maxConnections' }]);
    await startTarget(listener, 'good');
    await setHabit(mute, 'dies');
    mute.kill('SIGKILL');
    expect((await Promise.all(held)).map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(['good', 'good']);
    expect(await servedBy(port)).toBe('good');
  });

  it('closes connections over the cap at once', async () => {
    const problems: Error[] = [];
    const { listener, port } = await listen({ maxWaiting: 1, onWarning: (error) => problems.push(error) });
    const first = get(port);
    await until(() => listener.status().waiting === 1, 'the first one waits');
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(problems).toMatchObject([
      { name: 'ResourceLimitError', message: '1 connections wait for a target already' },
    ]);
    await listener.close();
    await expect(first).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('closes connections of an address that comes too often', async () => {
    const problems: Error[] = [];
    // The clock of the target goes on; that of the listener stands, far ahead.
    const now = Number(process.hrtime.bigint() / 1_000_000n) + 60_000;
    const { listener, port } = await listen({
      connectsPerSecondPerAddress: 1,
      now: () => now,
      onWarning: (error) => problems.push(error),
    });
    await startTarget(listener, 'a');
    expect([await servedBy(port), await servedBy(port)]).toEqual(['a', 'a']);
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(problems).toMatchObject([{ name: 'ResourceLimitError', message: 'Too many connections from 127.0.0.1' }]);
  });

  it('does not count load balancers, whose clients are counted by their own address further on', async () => {
    const { listener, port } = await listen({ connectsPerSecondPerAddress: 1, uncountedPeers: ['127.0.0.0/8'] });
    await startTarget(listener, 'a');
    expect(await Promise.all(Array.from({ length: 10 }, () => servedBy(port)))).toEqual(Array(10).fill('a'));
  });

  it('gives a draining target nothing new and still counts what it has', async () => {
    const { listener, port } = await listen();
    const child = await startTarget(listener, 'a');
    await servedBy(port, true);
    await startTarget(listener, 'b');
    listener.drainTarget('a');
    expect([await servedBy(port), await servedBy(port)]).toEqual(['b', 'b']);
    expect(listener.status().targets[0]).toEqual({ id: 'a', connections: 1, isDraining: true });
    const count = messageOf(child, (message) => 'connections' in message);
    child.send({ count: true });
    expect(await count).toEqual({ connections: 1 });
  });

  it('drains: takes nothing new and waits until targets have what is here', async () => {
    const { listener, port } = await listen();
    const served = servedBy(port);
    await until(() => listener.status().waiting === 1, 'the connection waits');
    const drained = listener.drain(15_000);
    await expect(get(port)).rejects.toThrow('ECONNREFUSED');
    await startTarget(listener, 'a');
    await drained;
    expect(await served).toBe('a');
    expect(listener.status()).toMatchObject({ waiting: 0, dropped: 0 });
  });

  it('drains until the deadline and then closes what nobody took', async () => {
    const { listener, port } = await listen();
    const drained = until(() => listener.status().waiting === 1, 'the connection waits').then(() => listener.drain(20));
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    await drained;
    expect(listener.status()).toMatchObject({ waiting: 0, dropped: 1 });
  });

  it('says which port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    cleanUp(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const listener = new HandOffListener({ port, host: '127.0.0.1' });
    await expect(listener.listen()).rejects.toMatchObject({
      name: 'StartError',
      message: `Port ${port} is in use by another process`,
    });
  });

  it('is closed twice without harm and frees the port', async () => {
    const { listener, port } = await listen();
    await Promise.all([listener.close(), listener.close()]);
    const again = new HandOffListener({ port, host: '127.0.0.1' });
    cleanUp(() => again.close());
    await again.listen();
    expect(again.status().waiting).toBe(0);
  });
});
