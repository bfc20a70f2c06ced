import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import {
  BadConnectionError,
  HandlerError,
  InvalidFrameError,
  ResourceLimitError,
  ScError,
  StoreError,
  dehydrateError,
} from 'sc-protocol';
import { takeChunks } from 'sc-protocol/chunks';
import { Caller } from '../core/caller.js';
import type { StoreCore } from '../core/store-core.js';
import type { Order } from '../data/orders.js';
import type { Publication } from '../data/publication.js';
import { pingCode, replyCodes } from '../wire/codes.js';
import { FrameReader } from '../wire/frame-reader.js';
import { maxReplyBytes } from '../wire/frame.js';
import { publicationFrame } from '../wire/publication-frame.js';
import { CommandRequest } from '../wire/request.js';
import { LeftOut } from './left-out.js';
import { SendQueue } from './send-queue.js';

/** Bytes of unread control frames from which on no further commands of the client are executed (backpressure). */
const pauseBytes = 1024 * 1024;

export interface LinkOptions {
  readonly core: StoreCore;
  readonly maxFrameBytes: number;
  readonly maxPendingBytes: number;
  readonly readTimeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Requests a `flush()` at the end of the event loop turn. */
  readonly onDirty: (link: ServerLink) => void;
  readonly onClose: (link: ServerLink) => void;
  /** An internal error of the store, or a client that was disconnected. */
  readonly onFault: (error: Error) => void;
}

/** The link to one authenticated client. */
export class ServerLink extends Caller {
  readonly #socket: Socket;
  readonly #options: LinkOptions;
  readonly #reader: FrameReader;
  readonly #queue: SendQueue;
  readonly #leftOut = new LeftOut();
  readonly #request = new CommandRequest();
  /** Time since which the client has read nothing although output is queued for it. */
  #blockedSince: number | undefined;
  #isDirty = false;
  #isPaused = false;
  #isClosed = false;

  constructor(socket: Socket, options: LinkOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#queue = new SendQueue(socket);
    this.#reader = new FrameReader(options.maxFrameBytes);
    takeChunks(socket, (chunk: Buffer) => this.#work(chunk));
    socket.on('drain', () => this.#drained());
    socket.once('close', () => this.#closed());
  }

  /** Starts with the bytes received after the login. */
  start(rest: Buffer): void {
    if (rest.length > 0) this.#work(rest);
  }

  /**
   * Hot path. Never waits: beyond the limit, publications for a slow consumer are dropped, and the client is notified
   * of their number.
   */
  deliver(publication: Publication): void {
    const frame = publicationFrame(publication);
    if (!this.#hasRoomFor(frame.length)) {
      if (this.#isClosed) return;
      this.#leftOut.publication(publication);
      this.#tellLater();
      return;
    }
    this.#queue.publication(frame);
    this.#dirty();
  }

  changed(keys: readonly string[], command: string): void {
    this.#options.core.whenWritten(() => {
      if (!this.#hasRoomFor(0)) {
        this.#leftOut.change();
        this.#tellLater();
      } else this.#notice(replyCodes.change, keys, { command });
    });
  }

  membersChanged(channel: string, diff: string): void {
    this.#options.core.whenWritten(() => {
      if (!this.#hasRoomFor(diff.length)) {
        if (this.#isClosed) return;
        this.#leftOut.member(channel);
        this.#tellLater();
        return;
      }
      this.#queue.frame('publication', replyCodes.members, 0, (writer) => {
        writer.head([channel], undefined);
        writer.text(diff);
      });
      this.#dirty();
    });
  }

  order({ number, giver, giverNumber, data }: Order): void {
    if (this.#isClosed) return;
    this.#queue.frame('control', replyCodes.order, 0, (writer) => {
      writer.head([giver], { number, giverNumber });
      writer.byteText(data);
    });
    this.#dirty();
  }

  flush(): void {
    this.#isDirty = false;
    if (this.#isClosed) return;
    this.#queue.flush();
    this.#written();
  }

  /** Disconnects a client that has read nothing for `readTimeoutMs`, regardless of the queued output. */
  check(now: number): void {
    const { readTimeoutMs, core, onFault } = this.#options;
    if (this.#isClosed || this.#blockedSince === undefined || now - this.#blockedSince < readTimeoutMs) return;
    core.limitHits.hit('readTimeout');
    const bytes = this.#queue.publicationBytes + this.#queue.controlBytes;
    const text = `A client has read nothing for ${readTimeoutMs} ms (\`readTimeoutMs\`) and was disconnected; ${bytes} bytes were waiting for it`;
    onFault(new BadConnectionError(text));
    this.#socket.destroy();
    this.#closed();
  }

  /** Flushes the queued output and closes. */
  end(): void {
    if (this.#isClosed) return;
    this.#queue.finish();
    this.#socket.destroySoon();
    this.#closed();
  }

  #notice(code: number, keys: readonly string[], options: object): void {
    if (this.#isClosed) return;
    this.#queue.frame('publication', code, 0, (writer) => writer.head(keys, options));
    this.#dirty();
  }

  /** Whether `bytes` of publications may be queued. An empty queue accepts one publication of any size. */
  #hasRoomFor(bytes: number): boolean {
    if (this.#isClosed) return false;
    if (!this.#leftOut.isEmpty) return false;
    const pending = this.#queue.publicationBytes;
    if (pending === 0 || pending + bytes <= this.#options.maxPendingBytes) return true;
    this.#options.core.limitHits.hit('pendingBytes');
    return false;
  }

  #drained(): void {
    if (this.#isClosed) return;
    this.#blockedSince = undefined;
    this.#queue.drained();
    this.#written();
  }

  #written(): void {
    const { isBlocked, publicationBytes } = this.#queue;
    if (isBlocked) this.#blockedSince ??= this.#options.now();
    // A socket that is not blocked may still buffer bytes, but emits no `drain` for them.
    const hasRoom = !isBlocked || publicationBytes <= this.#options.maxPendingBytes / 2;
    if (!this.#leftOut.isEmpty && hasRoom) this.#tellLeftOut();
    this.#resume();
  }

  /**
   * Data was dropped. A blocked client is notified when the socket drains, any other at the end of the event loop turn.
   */
  #tellLater(): void {
    if (!this.#isClosed && !this.#queue.isBlocked) this.#dirty();
  }

  /** The client reads again: sends the notices of dropped data in place of that data. */
  #tellLeftOut(): void {
    for (const notice of this.#leftOut.take()) {
      this.#queue.frame('control', replyCodes.lost, 0, (writer) => writer.text(notice));
    }
    this.#dirty();
  }

  /**
   * Hot path. Executes the received commands, `chunk` being the newest bytes, while the client reads its replies.
   * Closes the link on a malformed frame, because the bytes after it cannot be parsed.
   */
  #work(chunk?: Buffer): void {
    try {
      const reader = this.#reader;
      if (chunk !== undefined) reader.push(chunk);
      while (!this.#isClosed && !this.#isPaused && reader.next()) {
        this.#execute(reader);
        if (this.#queue.controlBytes > pauseBytes) this.#pause();
      }
    } catch (error) {
      if (!(error instanceof InvalidFrameError)) throw error;
      this.#options.core.limitHits.hit('invalidFrames');
      this.#fail(error);
    }
  }

  /** Hot path. */
  #execute(reader: FrameReader): void {
    const { id } = reader;
    if (reader.code === pingCode) {
      this.#reply(id, undefined);
      return;
    }
    const command = this.#options.core.commands.byCode[reader.code];
    const { core } = this.#options;
    const before = core.journal?.sequence;
    let reply;
    try {
      // The frame is complete, so a malformed body is no reason to close the link.
      this.#request.read(reader.buffer, reader.start, reader.end);
      if (command === undefined) throw new StoreError(`There is no command ${reader.code}`);
      reply = core.execute(command, this.#request, this);
    } catch (error) {
      if (core.journal?.isPending === true) core.whenWritten(() => this.#replyError(id, error));
      else this.#replyError(id, error);
      return;
    }
    if (reply instanceof Promise) {
      reply.then(
        (value) => core.whenWritten(() => this.#reply(id, value)),
        (error: unknown) => core.whenWritten(() => this.#replyError(id, error)),
      );
    } else if (core.journal?.isPending === true) {
      this.#replyLater(id, reply, core.journal.sequence !== before);
    } else {
      this.#reply(id, reply);
    }
  }

  /**
   * Replies in order, after all earlier changes are in the log, so that no client sees a change that a crash could
   * revert.
   */
  #replyLater(id: number, value: string | Uint8Array | undefined, isWrite: boolean): void {
    this.#options.core.whenWritten((error) => {
      if (error !== undefined && isWrite) this.#replyError(id, error);
      else this.#reply(id, value);
    });
  }

  #reply(id: number, value: string | Uint8Array | undefined): void {
    // Calls without an id expect no reply.
    if (this.#isClosed || id === 0) return;
    if (value !== undefined && value.length > maxReplyBytes) {
      this.#options.core.limitHits.hit('replyBytes');
      this.#replyError(
        id,
        new ResourceLimitError(`A reply takes at most ${maxReplyBytes} bytes, got ${value.length}`, {
          limit: 'maxReplyBytes',
          max: maxReplyBytes,
          actual: value.length,
        }),
      );
      return;
    }
    this.#queue.reply(replyCodes.done, id, value);
    this.#dirty();
  }

  #replyError(id: number, error: unknown): void {
    if (this.#isClosed) return;
    const text = JSON.stringify(dehydrateError(this.#tellable(error)));
    this.#queue.frame('control', replyCodes.failed, id, (writer) => writer.text(text));
    this.#dirty();
  }

  /** Hides the details of internal errors from the client; `onFault` gets them. */
  #tellable(error: unknown): unknown {
    if (error instanceof ScError) return error;
    this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
    return new HandlerError('The store failed to execute this command');
  }

  #fail(error: Error): void {
    this.#replyError(0, error);
    this.end();
    // Do not wait for a client that does not read the error.
    if (this.#socket.writableLength > 0) this.#socket.destroy();
  }

  #dirty(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#options.onDirty(this);
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#isPaused || this.#queue.controlBytes > pauseBytes) return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#work();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.clear();
    this.#options.onClose(this);
  }
}
