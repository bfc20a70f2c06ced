import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { InvalidArgumentsError } from 'sc-protocol';
import { type Platform, SCClientSocket } from '../src/node/index.js';
import { nodePlatform } from '../src/node/platform.js';
import { Outbox } from '../src/outbox.js';
import { atOnce, clients, heard, until } from './support/clients.js';

const use = clients();

describe('calling the server', () => {
  it('resolves with the answer, and rejects with the error of the server', async () => {
    const { socket, peer } = await use.pair();
    const good = socket.invoke('sum', [1, 2]);
    const bad = socket.invoke('sum', 'x');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'sum', data: [1, 2], cid: 2 });
    expect(await peer.nextFrame()).toStrictEqual({ event: 'sum', data: 'x', cid: 3 });
    peer.send({ rid: 3, error: { name: 'MathError', message: 'Not a list', code: 'E_MATH' } });
    peer.send({ rid: 2, data: 3 });
    expect(await good).toBe(3);
    await expect(bad).rejects.toMatchObject({ name: 'MathError', message: 'Not a list', code: 'E_MATH' });
  });

  it.each([null, 0, false, ''])('resolves with the answer %j as it is', async (data) => {
    const { socket, peer } = await use.pair();
    const answer = socket.invoke('read');
    peer.send({ rid: (await peer.nextFrame()).cid, data });
    expect(await answer).toBe(data);
  });

  it('by emit with a callback gives the same answers there', async () => {
    const { socket, peer } = await use.pair();
    const answers: unknown[] = [];
    const both = new Promise<void>((resolve) => {
      socket.emit('echo', 'a', (...args) => answers.push(args));
      socket.emit('echo', 'b', (...args) => resolve(void answers.push(args)));
    });
    peer.send({ rid: (await peer.nextFrame()).cid, data: 'A' });
    peer.send({ rid: (await peer.nextFrame()).cid, error: 'refused' });
    await both;
    expect(answers).toStrictEqual([[null, 'A'], [new Error('refused')]]);
  });

  it('ends once, whatever the server answers besides', async () => {
    const { socket, peer } = await use.pair();
    let ends = 0;
    const ended = new Promise((resolve) => {
      socket.emit('once', null, (...args) => {
        ends++;
        resolve(args);
      });
    });
    const { cid } = await peer.nextFrame();
    for (const rid of [cid, cid, 999, 0]) peer.send({ rid, data: rid });
    peer.send({ rid: cid, error: 'late' });
    expect(await ended).toStrictEqual([null, cid]);
    const after = socket.invoke('after');
    peer.send({ rid: (await peer.nextFrame()).cid, data: 'ok' });
    expect([await after, ends]).toStrictEqual(['ok', 1]);
  });

  it('gives up after its own time or ackTimeout', async () => {
    const { socket } = await use.pair({ ackTimeout: 30 });
    await expect(socket.invoke('mute')).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'No answer to "mute" within 30 ms',
    });
    await expect(socket.invoke('mute', null, { timeoutMs: 10 })).rejects.toThrow('within 10 ms');
  });

  it('can be aborted, before and while it waits', async () => {
    const { socket, peer } = await use.pair();
    const controller = new AbortController();
    const waiting = socket.invoke('mute', null, { signal: controller.signal });
    await peer.nextFrame();
    controller.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortedError', cause: new Error('changed my mind') });
    expect(getEventListeners(controller.signal, 'abort')).toStrictEqual([]);
    await expect(socket.invoke('never sent', 1, { signal: controller.signal })).rejects.toThrow('was aborted');
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
  });

  it('fails when the connection is lost, because nobody knows the outcome', async () => {
    const { socket, peer } = await use.pair();
    const call = socket.invoke('pay');
    await peer.nextFrame();
    peer.cut();
    await expect(call).rejects.toMatchObject({ name: 'BadConnectionError', type: 'disconnect' });
  });

  it('fails with what the codec throws', async () => {
    const { socket } = await use.pair();
    const circle: unknown[] = [];
    circle.push(circle);
    await expect(socket.invoke('circle', circle)).rejects.toThrow('nested deeper');
    expect(() => socket.emit('circle', circle)).toThrow('nested deeper');
  });

  it('refuses names that no event can have', async () => {
    const { socket } = await use.pair();
    for (const name of ['', '#publish', 'connect', 'error']) {
      expect(() => socket.emit(name)).toThrow('An event name must not be');
      expect(() => socket.invoke(name)).toThrow('An event name must not be');
      expect(() => socket.handle(name, () => 1)).toThrow('An event name must not be');
    }
  });

  it('may use names that mean something to objects', async () => {
    const { socket, peer } = await use.pair();
    const heardNames: unknown[] = [];
    for (const name of ['__proto__', 'constructor', 'toString']) {
      socket.on(name, (data) => heardNames.push([name, data]));
      socket.emit(name, 1);
      expect((await peer.nextFrame()).event).toBe(name);
      peer.send({ event: name, data: 2 });
    }
    peer.send({ event: 'last' });
    await new Promise<void>((resolve) => socket.on('last', () => resolve()));
    expect(heardNames).toStrictEqual([
      ['__proto__', 2],
      ['constructor', 2],
      ['toString', 2],
    ]);
  });
});

describe('being called by the server', () => {
  it('answers with what the handler returns or throws, without a stack', async () => {
    const { socket, peer } = await use.pair();
    socket.handle('double', async (data) => Number(data) * 2);
    socket.handle('fail', () => {
      throw new RangeError('too far');
    });
    peer.send({ event: 'double', data: 4, cid: 10 });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 10, data: 8 });
    peer.send({ event: 'fail', cid: 11 });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 11, error: { name: 'RangeError', message: 'too far' } });
  });

  it('has one handler per procedure, which can be removed', async () => {
    const { socket, peer } = await use.pair();
    const remove = socket.handle('one', () => 1);
    expect(() => socket.handle('one', () => 2)).toThrow('Procedure "one" has a handler already');
    remove();
    peer.send({ event: 'one', cid: 1 });
    expect(await peer.nextFrame()).toMatchObject({ rid: 1, error: { name: 'NoHandlerError' } });
  });

  it('answers through respond, once', async () => {
    const { socket, peer } = await use.pair();
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    socket.on('question', (data, respond) => {
      if (data === 'bad') respond('no answer');
      else respond(null, `answer to ${String(data)}`);
      respond(null, 'again');
    });
    peer.send({ event: 'question', data: 'q', cid: 5 });
    peer.send({ event: 'question', data: 'bad', cid: 6 });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 5, data: 'answer to q' });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 6, error: { name: 'Error', message: 'no answer' } });
    expect(errors).toMatchObject([{ name: 'InvalidActionError' }, { name: 'InvalidActionError' }]);
  });

  it('answers nothing when no answer is wanted', async () => {
    const { socket, peer } = await use.pair();
    const noted = new Promise((resolve) => {
      socket.on('noted', (data, respond) => {
        respond(null, 'unwanted');
        resolve(data);
      });
    });
    peer.send({ event: 'noted', data: { a: [1] } });
    expect(await noted).toStrictEqual({ a: [1] });
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
  });

  it('understands several frames in one message', async () => {
    const { socket, peer } = await use.pair();
    const seen: unknown[] = [];
    socket.on('tick', (data) => seen.push(data));
    const done = new Promise<void>((resolve) => socket.on('done', () => resolve()));
    peer.send([{ event: 'tick', data: 1 }, { event: 'tick', data: 2 }, { event: 'done' }]);
    await done;
    expect(seen).toStrictEqual([1, 2]);
  });

  it('turns spelled bytes back into bytes, and bytes into their spelling', async () => {
    const { socket, peer } = await use.pair();
    const answer = socket.invoke('bytes', { inside: [new Uint8Array([1, 2, 3])] });
    const { data, cid } = await peer.nextFrame();
    expect(data).toStrictEqual({ inside: [{ base64: true, data: 'AQID' }] });
    peer.send({ rid: cid, data });
    expect(await answer).toStrictEqual({ inside: [new Uint8Array([1, 2, 3])] });
  });

  it('keeps its own events out of reach: they come as raw', async () => {
    const { socket, peer } = await use.pair();
    const seen: unknown[] = [];
    for (const name of ['error', 'connect', 'authenticate', 'kickOut'] as const) {
      socket.on(name, (...args: unknown[]) => seen.push([name, ...args]));
    }
    socket.on('raw', (value) => seen.push(['raw', value]));
    peer.send({ event: 'authenticate', data: 'forged' });
    peer.send({ event: 'error', data: 'boo', cid: 3 });
    expect(await peer.nextFrame()).toMatchObject({ rid: 3, error: { name: 'NoHandlerError' } });
    expect(seen).toStrictEqual([
      ['raw', { event: 'authenticate', data: 'forged' }],
      ['raw', { event: 'error', data: 'boo' }],
    ]);
  });

  it('shows every message, and what is no frame', async () => {
    const { socket, peer } = await use.pair();
    const seen: unknown[] = [];
    socket.on('message', (message) => seen.push(['message', message]));
    socket.on('raw', (value) => seen.push(['raw', value]));
    peer.send('hello');
    peer.send('');
    peer.send('{"odd":true}');
    await until(() => seen.length === 4, 'all was shown');
    expect(await peer.next()).toBe('');
    expect(seen).toStrictEqual([
      ['message', 'hello'],
      ['raw', 'hello'],
      ['message', '{"odd":true}'],
      ['raw', { odd: true }],
    ]);
  });
});

describe('the outbox', () => {
  it('keeps what is said offline, in order, behind the channels that come back', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    socket.emit('first', 1);
    const second = socket.invoke('second', 2);
    socket.subscribe('news');
    socket.emit('gone', 3, { volatile: true });
    const third = socket.publish('news', 3);
    socket.once('connect', () => socket.emit('fourth'));
    socket.connect();
    const peer = await server.nextOpen();
    const frames = [];
    for (let i = 0; i < 5; i++) frames.push(await peer.nextFrame());
    expect(frames).toStrictEqual([
      { event: '#subscribe', data: { channel: 'news' }, cid: 4 },
      { event: 'first', data: 1 },
      { event: 'second', data: 2, cid: 1 },
      { event: '#publish', data: { channel: 'news', seq: 1, data: 3 }, cid: 2 },
      { event: 'fourth' },
    ]);
    peer.send([
      { rid: 1, data: 'b' },
      { rid: 2, data: 'c' },
    ]);
    expect(await Promise.all([second, third])).toStrictEqual(['b', 'c']);
  });

  it('is not for volatile events, nor are they sent while much has not left yet', async () => {
    const server = await use.server();
    let unsentBytes = 0;
    const platform: Platform = {
      ...nodePlatform,
      openWebSocket: (...args) =>
        Object.defineProperty(nodePlatform.openWebSocket(...args), 'bufferedAmount', { get: () => unsentBytes }),
    };
    const socket = new SCClientSocket({ hostname: '127.0.0.1', port: server.port }, platform);
    const peer = await server.nextOpen();
    await heard(socket, 'connect');
    for (const bytes of [0, 2_000_000, 0]) {
      unsentBytes = bytes;
      socket.emit('volatile', bytes, { volatile: true });
    }
    socket.emit('last');
    const frames = [await peer.nextFrame(), await peer.nextFrame(), await peer.nextFrame()];
    socket.destroy();
    const kept = { event: 'volatile', data: 0 };
    expect(frames).toStrictEqual([kept, kept, { event: 'last' }]);
  });

  it('lets calls run out of time and be aborted while they wait', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    const controller = new AbortController();
    const aborted = socket.invoke('b', null, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toThrow('was aborted');
    await expect(socket.invoke('a', null, { timeoutMs: 10 })).rejects.toThrow('within 10 ms');
    socket.connect();
    const peer = await server.nextOpen();
    socket.emit('later');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'later' });
  });

  it('refuses more than its limit', async () => {
    const socket = use.connect({ port: 1 }, { autoConnect: false, outboxLimit: 1 });
    socket.emit('one');
    expect(() => socket.emit('two')).toThrow('The outbox is full (1)');
    await expect(socket.invoke('three')).rejects.toMatchObject({ name: 'ResourceLimitError', limit: 'outboxLimit' });
  });

  it('drops the oldest at its limit when told so', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false, outboxLimit: 1, outboxPolicy: 'dropOldest' });
    const dropped = socket.invoke('one');
    socket.emit('two');
    await expect(dropped).rejects.toThrow('The outbox is full (1)');
    socket.connect();
    expect(await (await server.nextOpen()).nextFrame()).toStrictEqual({ event: 'two' });
  });

  it('fails what waits when the socket is destroyed', async () => {
    const socket = use.connect({ port: 1 }, { autoConnect: false });
    const call = socket.invoke('one');
    socket.destroy();
    await expect(call).rejects.toThrow('The socket was destroyed before "one" was sent');
  });

  it('refuses what cannot be encoded when it is said, as a connection does', async () => {
    const server = await use.server();
    const socket = use.connect(server, { ...atOnce, autoConnect: false });
    const circle: unknown[] = [];
    circle.push(circle);
    const refusals = async (): Promise<void> => {
      expect(() => socket.emit('circle', circle)).toThrow(InvalidArgumentsError);
      expect(() => socket.emit('big', 1n)).toThrow(InvalidArgumentsError);
      await expect(socket.invoke('circle', circle)).rejects.toThrow(InvalidArgumentsError);
      await expect(socket.publish('news', 1n)).rejects.toThrow(InvalidArgumentsError);
    };
    await refusals();
    socket.emit('fine');
    socket.connect();
    const peer = await server.nextOpen();
    expect(await peer.nextFrame()).toStrictEqual({ event: 'fine' });
    await refusals();
  });

  it('sends what was said, whatever becomes of the data later', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    const data = { count: 0 };
    socket.emit('count', data);
    data.count++;
    socket.invoke('count', data).catch(() => {});
    data.count++;
    socket.publish('news', data).catch(() => {});
    data.count++;
    socket.connect();
    const peer = await server.nextOpen();
    const said = [await peer.nextFrame(), await peer.nextFrame(), await peer.nextFrame()].map((frame) => frame.data);
    expect(said).toStrictEqual([{ count: 0 }, { count: 1 }, { channel: 'news', seq: 1, data: { count: 2 } }]);
  });

  it('empties itself in time that grows with what is in it', () => {
    const outbox = new Outbox({ outboxLimit: Infinity, outboxTimeout: 1000, outboxPolicy: 'refuse' }, () => looks++);
    let looks = 0;
    for (let i = 0; i < 20_000; i++) outbox.add({ message: 'x' });
    looks = 0;
    let taken = 0;
    outbox.drain(() => ++taken > 0);
    expect([taken, looks]).toStrictEqual([20_000, 20_000]);
  });
});
