import { describe, expect, it, jest } from '@jest/globals';
import { clients, heard, until } from './support/clients.js';

const use = clients();

describe('a call', () => {
  it('without an end waits as long as its connection', async () => {
    const { socket, peer } = await use.pair();
    const calls = [Infinity, 2 ** 31].map((timeoutMs) => socket.invoke('slow', 1, { timeoutMs }));
    for (const call of calls) {
      const { cid } = await peer.nextFrame();
      peer.send({ rid: cid, data: 'done' });
      expect(await call).toBe('done');
    }
    await expect(socket.invoke('slow', 1, { timeoutMs: NaN })).rejects.toThrow('`timeoutMs` must be above 0, got NaN');
  });

  it('that the lost connection has ended knows its close code and reason', async () => {
    const { socket, peer } = await use.pair({ autoReconnect: false });
    const call = socket.invoke('slow');
    await peer.next();
    peer.webSocket.close(1009, 'Too big');
    await expect(call).rejects.toMatchObject({ code: 'SC_BAD_CONNECTION', closeCode: 1009, reason: 'Too big' });
  });

  it('may be left alone when it is lost for a reason that passes', async () => {
    const { socket, peer } = await use.pair({ autoReconnect: false });
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    void socket.publish('news', 1);
    void socket.channel('news').publish(2);
    peer.cut();
    await heard(socket, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toStrictEqual([]);
  });

  it('with more bytes than the server takes fails by itself, and ends nothing else', async () => {
    const { socket, peer } = await use.pair({}, { maxPayloadBytes: 100 });
    const small = socket.invoke('small', 'x');
    await expect(socket.invoke('large', 'x'.repeat(100))).rejects.toMatchObject({
      code: 'SC_PAYLOAD_TOO_LARGE',
      size: 135,
      limit: 100,
      option: 'maxPayloadBytes',
    });
    expect(() => socket.emit('large', '☃'.repeat(40))).toThrow('A message of 147 bytes is over');
    const { cid } = await peer.nextFrame();
    peer.send({ rid: cid, data: 'fine' });
    expect([await small, peer.waiting.length]).toStrictEqual(['fine', 0]);
  });

  it('that waited in the outbox and is too large fails when the limit is known', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    const large = socket.invoke('large', 'x'.repeat(100));
    socket.emit('large', 'y'.repeat(100));
    socket.emit('small');
    const error = heard(socket, 'error');
    socket.connect();
    const peer = await server.nextOpen({ maxPayloadBytes: 100 });
    await expect(large).rejects.toMatchObject({ code: 'SC_PAYLOAD_TOO_LARGE' });
    expect((await error)[0]).toMatchObject({ code: 'SC_PAYLOAD_TOO_LARGE', limit: 100 });
    expect(await peer.nextFrame()).toStrictEqual({ event: 'small' });
  });
});

describe('a destroyed socket', () => {
  it('throws nothing for a token store that fails afterwards', async () => {
    let fail: ((error: Error) => void) | undefined;
    const authEngine = {
      loadToken: () => null,
      saveToken: () => new Promise<void>((_resolve, reject) => (fail = reject)),
      removeToken: () => undefined,
    };
    const { socket, peer } = await use.pair({ authEngine });
    peer.send({ event: '#setAuthToken', data: { token: 'x' } });
    await until(() => fail !== undefined, 'the store is asked');
    const thrown = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => run());
    try {
      socket.destroy();
      fail?.(new Error('Disk full'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(thrown).not.toHaveBeenCalled();
    } finally {
      thrown.mockRestore();
    }
  });

  it('fails every call at once, and does not come back for a listener', async () => {
    const { socket, server } = await use.pair({ autoReconnect: false });
    socket.on('close', () => socket.connect());
    socket.destroy();
    const gone = { code: 'SC_INVALID_ACTION', message: 'The socket was destroyed' };
    await expect(socket.invoke('x')).rejects.toMatchObject(gone);
    await expect(socket.publish('x', 1)).rejects.toMatchObject(gone);
    await expect(socket.authenticate('x')).rejects.toMatchObject(gone);
    expect(() => socket.emit('x')).toThrow('The socket was destroyed');
    expect(() => socket.subscribe('x')).toThrow('Channel "x" was destroyed');
    expect([socket.state, server.peers.length]).toStrictEqual(['closed', 1]);
  });
});
