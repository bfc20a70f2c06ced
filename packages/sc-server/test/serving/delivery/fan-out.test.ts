import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonCodec } from 'sc-protocol';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { Encodings, jsonEncoding } from '../../../src/channels/encoding.js';
import { FanOut } from '../../../src/channels/fan-out.js';
import type { Subscriber } from '../../../src/websocket/subscriber.js';
import { TurnQueue } from '../../../src/websocket/turn-queue.js';
import { serverFrames } from '../tcp-client.js';

const payload = (data: unknown) => Buffer.from(JSON.stringify(data));
const turnEnd = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

class Recorder implements Subscriber {
  readonly owner = this;
  readonly writes: Buffer[] = [];
  isBehind = false;
  dropped = 0;
  constructor(readonly encoding = jsonEncoding) {}
  send(frame: Buffer): void {
    this.writes.push(frame);
  }
  sendNow(frame: Buffer): void {
    this.send(frame);
  }
  takesVolatile(_bytes: number, frames: number): boolean {
    if (this.isBehind) this.dropped += frames;
    return !this.isBehind;
  }
  get data(): unknown[] {
    return serverFrames(Buffer.concat(this.writes)).map(
      ({ payload: bytes }) =>
        (
          this.encoding.codec.decode(this.encoding === jsonEncoding ? bytes.toString() : bytes) as {
            data: { data: unknown };
          }
        ).data.data,
    );
  }
}

function fanOut(): FanOut {
  return new FanOut(
    new TurnQueue((error) => {
      throw error;
    }),
    { error: () => undefined },
  );
}

describe('fan-out', () => {
  it('leaves volatile publications out for whoever is behind, and for nobody else, in order', async () => {
    const channels = fanOut();
    const [quick, behind] = [new Recorder(), new Recorder()];
    behind.isBehind = true;
    channels.add('x', quick, quick.encoding);
    channels.add('x', behind, behind.encoding);
    for (let i = 0; i < 6; i++) channels.deliver('x', payload(i), i % 2 === 1);
    await turnEnd();
    expect(quick.data).toEqual([0, 1, 2, 3, 4, 5]);
    expect(behind.data).toEqual([0, 2, 4]);
    expect([quick.dropped, behind.dropped]).toEqual([0, 3]);
    channels.deliver('x', payload(6), true);
    await turnEnd();
    expect(behind.writes).toHaveLength(1);
    behind.isBehind = false;
    channels.deliver('x', payload(7), true);
    await turnEnd();
    expect(quick.data).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(behind.data).toEqual([0, 2, 4, 7]);
  });

  it('joins the publications of one turn into one buffer, the very same for every subscriber', async () => {
    const channels = fanOut();
    const [one, other] = [new Recorder(), new Recorder()];
    channels.add('x', one, one.encoding);
    channels.add('x', other, other.encoding);
    for (let i = 0; i < 5; i++) channels.deliver('x', payload(i));
    expect(one.writes).toEqual([]);
    await turnEnd();
    expect(one.data).toEqual([0, 1, 2, 3, 4]);
    expect(one.writes).toHaveLength(1);
    expect(other.writes[0]).toBe(one.writes[0]);
  });

  it('gives nobody what was published before it came or after it left', async () => {
    const channels = fanOut();
    const [early, late] = [new Recorder(), new Recorder()];
    channels.add('x', early, early.encoding);
    channels.deliver('x', payload(1));
    channels.add('x', late, late.encoding);
    channels.deliver('x', payload(2));
    channels.remove('x', early);
    channels.deliver('x', payload(3));
    await turnEnd();
    expect([early.data, late.data]).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(channels.size).toBe(1);
    channels.remove('x', late);
    expect(channels.size).toBe(0);
  });

  it('does not wait for the turn’s end when 64 KB have come together', () => {
    const channels = fanOut();
    const one = new Recorder();
    channels.add('x', one, one.encoding);
    channels.deliver('x', payload('x'.repeat(70_000)));
    expect(one.writes).toHaveLength(1);
  });

  it('encodes once for each codec; each gets its own form', async () => {
    const channels = fanOut();
    const encodings = new Encodings();
    const [text, bytes] = [new Recorder(), new Recorder(encodings.of(msgpackCodec))];
    expect(encodings.of(jsonCodec)).toBe(jsonEncoding);
    channels.add('x', text, text.encoding);
    channels.add('x', bytes, bytes.encoding);
    channels.deliver('x', payload({ a: 1 }));
    channels.deliver('x', Buffer.from('{"base64":true,"data":"AQI="}'));
    await turnEnd();
    expect(text.data).toEqual([{ a: 1 }, new Uint8Array([1, 2])]);
    expect(bytes.data).toEqual([{ a: 1 }, new Uint8Array([1, 2])]);
  });

  it('keeps every subscriber’s order whatever joins and leaves in between', async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('publish' as const), channel: fc.constantFrom('x', 'y') }),
      fc.record({
        type: fc.constantFrom('add' as const, 'remove' as const),
        channel: fc.constantFrom('x', 'y'),
        who: fc.nat(3),
      }),
      fc.record({ type: fc.constant('turn' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const channels = fanOut();
        const subscribers = Array.from({ length: 4 }, () => new Recorder());
        const expected: string[][] = subscribers.map(() => []);
        const members = new Map<string, Set<number>>([
          ['x', new Set()],
          ['y', new Set()],
        ]);
        let count = 0;
        for (const one of steps) {
          if (one.type === 'turn') {
            await turnEnd();
          } else if (one.type === 'publish') {
            const data = `${one.channel}${count++}`;
            channels.deliver(one.channel, payload(data));
            for (const who of members.get(one.channel) ?? []) expected[who]?.push(data);
          } else if (one.type === 'add') {
            const subscriber = subscribers[one.who] as Recorder;
            channels.add(one.channel, subscriber, subscriber.encoding);
            members.get(one.channel)?.add(one.who);
          } else {
            channels.remove(one.channel, subscribers[one.who] as Recorder);
            members.get(one.channel)?.delete(one.who);
          }
        }
        await turnEnd();
        const byChannel = (data: readonly unknown[], channel: string) =>
          data.filter((text) => String(text).startsWith(channel));
        for (const [who, subscriber] of subscribers.entries()) {
          for (const channel of ['x', 'y']) {
            expect(byChannel(subscriber.data, channel)).toEqual(byChannel(expected[who] ?? [], channel));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
