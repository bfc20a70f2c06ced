import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { HandlerError, InvalidFrameError, ResourceLimitError, ScError, StoreError, dehydrateError } from 'sc-protocol';
import { takeChunks } from 'sc-protocol/chunks';
import { Caller } from '../core/caller.js';
import type { MemberEvent } from '../data/members.js';
import type { StoreCore } from '../core/store-core.js';
import { publicationFrame } from '../data/topics.js';
import type { Publication } from '../data/topics.js';
import type { StoredValue } from '../values.js';
import { replyCodes } from '../wire/codes.js';
import { FrameReader } from '../wire/frame-reader.js';
import { FrameWriter } from '../wire/frame-writer.js';
import { frameSlackBytes, maxReplyBytes } from '../wire/frame.js';
import { CommandRequest } from '../wire/request.js';

/** Replies wait for a client that does not read them, and its further commands with them, from this many bytes on. */
const pauseBytes = 1024 * 1024;

export interface LinkOptions {
  readonly core: StoreCore;
  readonly maxPendingBytes: number;
  /** Asks for `flush()` at the end of the loop turn. */
  readonly onDirty: (link: ServerLink) => void;
  readonly onClose: (link: ServerLink) => void;
  /** A fault of the store itself. */
  readonly onFault: (error: Error) => void;
}

/** One client of the server, logged in. */
export class ServerLink extends Caller {
  readonly #socket: Socket;
  readonly #options: LinkOptions;
  readonly #reader: FrameReader;
  readonly #writer = new FrameWriter();
  readonly #request = new CommandRequest();
  /** The one publication of this turn, while nothing else is to leave. */
  #alone: Buffer | undefined;
  /** What the socket held when it was last looked at. */
  #socketBytes = 0;
  #isDirty = false;
  #isPaused = false;
  #isClosed = false;

  constructor(socket: Socket, options: LinkOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#reader = new FrameReader(options.core.options.maxValueBytes + frameSlackBytes);
    takeChunks(socket, (chunk: Buffer) => this.#work(chunk));
    socket.on('drain', () => {
      this.#socketBytes = 0;
      this.#resume();
    });
    socket.once('close', () => this.#closed());
  }

  /** Begins with the bytes that came with the login. */
  start(rest: Buffer): void {
    if (rest.length > 0) this.#work(rest);
  }

  /** Hot path. Never waits: a client that is too slow for its share is disconnected. */
  deliver(publication: Publication): void {
    const frame = publicationFrame(publication);
    if (!this.#hasRoomFor(frame.length)) return;
    // A publication that leaves alone is written as it is, the same bytes for every link.
    if (this.#alone === undefined && this.#writer.length === 0) this.#alone = frame;
    else this.#joined().bytes(frame);
    this.#dirty();
  }

  changed(keys: readonly string[], command: string): void {
    this.#options.core.whenWritten(() => this.#notice(replyCodes.change, keys, { command }, ''));
  }

  memberChanged(channel: string, event: MemberEvent, member: string, info: StoredValue): void {
    this.#options.core.whenWritten(() => this.#notice(replyCodes.member, [channel, member], { event }, info));
  }

  flush(): void {
    this.#isDirty = false;
    if (this.#isClosed) return;
    this.#write();
    this.#socketBytes = this.#socket.writableLength;
    this.#resume();
  }

  /** Sends what is collected and closes. */
  end(): void {
    if (this.#isClosed) return;
    this.#write();
    this.#socket.destroySoon();
    this.#closed();
  }

  #notice(code: number, keys: readonly string[], options: object, payload: StoredValue): void {
    if (!this.#hasRoomFor(payload.length)) return;
    const writer = this.#joined();
    writer.begin(code, 0);
    writer.head(keys, options);
    writer.byteText(payload);
    writer.end();
    this.#dirty();
  }

  /** Disconnects a client that has too much waiting. One frame may always wait, however large. */
  #hasRoomFor(bytes: number): boolean {
    if (this.#isClosed) return false;
    const pending = this.#socketBytes + this.#collectedBytes;
    const { core, maxPendingBytes } = this.#options;
    if (pending === 0 || pending + bytes <= maxPendingBytes) return true;
    core.limitHits.hit('pendingBytes');
    this.#fail(
      new ResourceLimitError(`More than ${maxPendingBytes} bytes wait for this client`, { limit: 'maxPendingBytes' }),
    );
    return false;
  }

  /**
   * Hot path. Runs what has arrived, with `chunk` at its end, as long as the client takes the answers. Closes the link when
   * bytes cannot be understood: what follows them means nothing.
   */
  #work(chunk?: Buffer): void {
    try {
      const reader = this.#reader;
      if (chunk !== undefined) reader.push(chunk);
      while (!this.#isClosed && !this.#isPaused && reader.next()) {
        this.#execute(reader);
        if (this.#socketBytes + this.#collectedBytes > pauseBytes) this.#pause();
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
    const command = this.#options.core.commands.byCode[reader.code];
    this.#request.read(reader.buffer, reader.start, reader.end);
    const { core } = this.#options;
    const before = core.journal?.sequence;
    let reply;
    try {
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

  /** Answers when what was done so far is in the log, in its turn: nobody learns of what a crash could still take back. */
  #replyLater(id: number, value: string | Uint8Array | undefined, isWrite: boolean): void {
    this.#options.core.whenWritten((error) => {
      if (error !== undefined && isWrite) this.#replyError(id, error);
      else this.#reply(id, value);
    });
  }

  #reply(id: number, value: string | Uint8Array | undefined): void {
    // Whoever gives no id waits for no answer.
    if (this.#isClosed || id === 0) return;
    if (value !== undefined && value.length > maxReplyBytes) {
      this.#options.core.limitHits.hit('replyBytes');
      this.#replyError(
        id,
        new ResourceLimitError(`An answer takes at most ${maxReplyBytes} bytes`, { limit: 'maxReplyBytes' }),
      );
      return;
    }
    const writer = this.#joined();
    writer.begin(replyCodes.done, id);
    if (typeof value === 'string') writer.byteText(value);
    else if (value !== undefined) writer.bytes(value);
    writer.end();
    this.#dirty();
  }

  #replyError(id: number, error: unknown): void {
    if (this.#isClosed) return;
    const writer = this.#joined();
    writer.begin(replyCodes.failed, id);
    writer.text(JSON.stringify(dehydrateError(this.#tellable(error))));
    writer.end();
    this.#dirty();
  }

  /** Faults of the store are told without details; its owner gets those. */
  #tellable(error: unknown): unknown {
    if (error instanceof ScError) return error;
    this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
    return new HandlerError('The store failed at this command');
  }

  #fail(error: Error): void {
    this.#replyError(0, error);
    this.end();
    // A client that does not even read this is not waited for.
    if (this.#socket.writableLength > 0) this.#socket.destroy();
  }

  get #collectedBytes(): number {
    return this.#writer.length + (this.#alone?.length ?? 0);
  }

  /** The writer, with everything in it that is to leave first. */
  #joined(): FrameWriter {
    if (this.#alone !== undefined) {
      this.#writer.bytes(this.#alone);
      this.#alone = undefined;
    }
    return this.#writer;
  }

  #write(): void {
    if (this.#alone !== undefined) this.#socket.write(this.#alone);
    this.#alone = undefined;
    this.#writer.flush(this.#socket);
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
    if (!this.#isPaused || this.#socketBytes + this.#collectedBytes > pauseBytes) return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#work();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writer.clear();
    this.#alone = undefined;
    this.#options.onClose(this);
  }
}
