import type { ChannelHandle, ChannelSink, Store } from 'ndata-store';
import { createMover } from '../../../src/cluster/children/mover.js';
import type { FromMover, ToMover } from '../../../src/moves/messages.js';
import type { RawHandle } from '../../../src/websocket/raw-handle.js';
import type { TestServer } from '../support.js';

export interface MoveResult {
  readonly moved: number;
  readonly refused: number;
  /** Sockets that the first server closed. */
  readonly closed: number;
}

export interface MoveOptions {
  readonly timeoutMs?: number;
  /** Changes what is said between the two, or drops it. */
  readonly tamper?: (message: ToMover) => ToMover | undefined;
}

type Mover = (message: ToMover, handle: unknown) => void;

/** Moves every socket of one server of this process to another one, as the supervisor does between processes. */
export function moveAll(from: TestServer, to: TestServer, options: MoveOptions = {}): Promise<MoveResult> {
  const { timeoutMs = 10_000, tamper = (message: ToMover): ToMover | undefined => message } = options;
  const logger = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
  const handles = new Map<number, RawHandle>();
  let moved = 0;
  let refused = 0;
  return new Promise((resolve) => {
    const say = (mover: Mover, message: ToMover, handle?: unknown): void => {
      const said = tamper(message);
      if (said !== undefined) setImmediate(() => mover(said, handle));
    };
    const settle = (id: number, outcome: 'moved' | 'lost'): void => {
      const handle = handles.get(id);
      handles.delete(id);
      setImmediate(() => {
        // Each process closes its own copy; here both have the same handle.
        if (handle !== undefined && outcome === 'moved') handle.close = () => undefined;
        source({ kind: 'settled', id, outcome }, undefined);
        if (handle !== undefined && outcome === 'moved') delete (handle as Partial<RawHandle>).close;
      });
    };
    const source = createMover({
      sockets: from.scServer.sockets,
      logger,
      register: () => undefined,
      send: (message: FromMover, handle) => {
        switch (message.kind) {
          case 'warm':
            say(target, { kind: 'follow', channels: message.channels });
            break;
          case 'offer': {
            if (handle !== undefined) handles.set(message.id, handle);
            const { id, state } = message;
            say(target, { kind: 'adopt', id, state, expiresAt: Infinity }, handle);
            break;
          }
          case 'done':
            say(target, { kind: 'release' });
            resolve({ moved, refused, closed: message.closed });
            break;
          default:
            throw new Error(`Unexpected ${message.kind}`);
        }
      },
    });
    const target = createMover({
      sockets: to.scServer.sockets,
      logger,
      register: () => undefined,
      send: (message: FromMover, _handle, written) => {
        switch (message.kind) {
          case 'following':
            say(source, { kind: 'warmed', channels: message.channels });
            break;
          case 'accepted':
            moved += 1;
            settle(message.id, 'moved');
            setImmediate(() => written?.(null));
            break;
          case 'refused':
            refused += 1;
            // The target has closed the handle that both have.
            settle(message.id, 'moved');
            break;
          default:
            throw new Error(`Unexpected ${message.kind}`);
        }
      },
    });
    say(source, { kind: 'begin', timeoutMs });
  });
}

/** A store whose publications reach this process later, in their order. */
export function lateStore(store: Store, delayMs: () => number): Store {
  const open = (channel: string, sink: ChannelSink, options?: object): ChannelHandle => {
    let last = Promise.resolve();
    const late =
      <Args extends unknown[]>(call: (...args: Args) => void) =>
      (...args: Args): void => {
        last = last.then(async () => {
          await new Promise((resolve) => setTimeout(resolve, delayMs()));
          call(...args);
        });
      };
    const delayed: ChannelSink = {
      subscribed: late((...args) => sink.subscribed(...args)),
      publication: late((...args) => sink.publication(...args)),
      lost: late((...args) => sink.lost(...args)),
      interrupted: late((...args) => sink.interrupted(...args)),
      refused: late((...args) => sink.refused(...args)),
    };
    return store.open(channel, delayed, options);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'open') return open;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
