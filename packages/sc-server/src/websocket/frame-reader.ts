import { isUtf8 } from 'node:buffer';
import { closeCodes } from 'sc-protocol';
import { readClose, type CloseStatus } from './close-frame.js';
import { GatheredBytes } from './gathered-bytes.js';
import { opcodes } from './opcodes.js';
import { unmask } from './unmask.js';
import { frameOfClient, type UnreadInput } from './unread-input.js';
import type { Unfinished, UnfinishedMessages } from './late-messages.js';

/** The limits on a client's data. */
export type FrameLimit = 'messageBytes' | 'fragments' | 'messageTimeout';

/** Receives the data of a client. Byte arguments may be views of a larger chunk. */
export interface FrameSink {
  /** `byteLength` is that of the text in UTF-8. */
  onText(text: string, byteLength: number): void;
  onBinary(data: Buffer): void;
  onPing(data: Buffer): void;
  onPong(): void;
  /** Called for the client's close frame. No further calls follow. */
  onCloseFrame(status: CloseStatus): void;
  /**
   * The client violated RFC 6455, or the given limit; `messageBytes` is a lower bound for the size of a message that is
   * too large. No further calls follow.
   */
  onViolation(code: number, message: string, limit?: FrameLimit, messageBytes?: number): void;
  /** Whether the server has paused reading. */
  readonly isPaused: boolean;
}

export interface FrameLimits {
  /** Maximum bytes of a message, in one frame or in fragments. */
  readonly maxPayloadBytes: number;
  /** Maximum fragments of a message. */
  readonly maxFragments: number;
}

/** A frame whose payload is incomplete. */
interface CutFrame {
  readonly first: number;
  readonly mask: number;
  readonly length: number;
  readonly payload: GatheredBytes;
}

/** A message whose final fragment has not arrived. */
interface CutMessage {
  readonly isBinary: boolean;
  /** The limit that applied when it began. */
  readonly maxBytes: number;
  readonly payload: GatheredBytes;
  fragments: number;
}

const finalBit = 0x80;
const maskBit = 0x80;
const reservedBits = 0x70;
const wholeText = finalBit | opcodes.text;
const maxControlBytes = 125;

/**
 * Parses the WebSocket frames of one client (RFC 6455 §5), regardless of chunk boundaries. No extension is negotiated,
 * so the reserved bits must be zero. Memory use follows the received bytes, never the announced length.
 */
export class FrameReader implements Unfinished {
  messageSince: number | undefined;
  readonly #sink: FrameSink;
  readonly #unfinished: UnfinishedMessages;
  #limits: FrameLimits;
  #isDone = false;
  /** Number of completed messages, and of control frames outside a fragmented message. */
  #ended = 0;
  /** The beginning of a frame whose header is incomplete: at most 13 bytes. */
  #cutHeader: Buffer | undefined;
  #cutFrame: CutFrame | undefined;
  #cutMessage: CutMessage | undefined;
  /** Number of fragments of the next message that a previous reader has already joined. */
  #earlierFragments = 0;

  constructor(sink: FrameSink, limits: FrameLimits, unfinished: UnfinishedMessages) {
    this.#sink = sink;
    this.#limits = limits;
    this.#unfinished = unfinished;
  }

  /** Changes the limits for messages that begin from now on. */
  limitTo(limits: FrameLimits): void {
    this.#limits = limits;
  }

  get isPaused(): boolean {
    return this.#sink.isPaused;
  }

  /** Hot path. Parses a chunk; its bytes are unmasked in place. */
  push(chunk: Buffer): void {
    const endedBefore = this.#ended;
    let bytes = chunk;
    let at = 0;
    if (this.#cutFrame !== undefined) {
      at = this.#continueFrame(this.#cutFrame, bytes);
    } else if (this.#cutHeader !== undefined) {
      bytes = Buffer.concat([this.#cutHeader, chunk]);
      this.#cutHeader = undefined;
    }
    while (at < bytes.length && !this.#isDone) at = this.#readFrame(bytes, at);
    if (this.#cutHeader === undefined && this.#cutFrame === undefined && this.#cutMessage === undefined) {
      this.messageSince = undefined;
    } else if (this.messageSince === undefined || this.#ended !== endedBefore) {
      this.#unfinished.begin(this);
    }
  }

  onLate(): void {
    this.#violate(closeCodes.policyViolation, 'The message took too long', 0, 'messageTimeout');
  }

  /** The received part of an incomplete frame or message. Another reader continues it with `resume`. */
  unread(): UnreadInput {
    const parts: Buffer[] = [];
    const message = this.#cutMessage;
    if (message !== undefined) {
      const { isBinary, payload } = message;
      parts.push(frameOfClient(isBinary ? opcodes.binary : opcodes.text, 0, payload.length, payload.bytes));
    }
    if (this.#cutFrame !== undefined) {
      const { first, mask, length, payload } = this.#cutFrame;
      parts.push(frameOfClient(first, mask, length, payload.bytes));
    }
    if (this.#cutHeader !== undefined) parts.push(this.#cutHeader);
    return { bytes: Buffer.concat(parts), fragments: message?.fragments ?? 0 };
  }

  /** Continues the input of another reader. Must be called before the first `push`. */
  resume({ bytes, fragments }: UnreadInput): void {
    // The first fragment in `bytes` represents all earlier fragments.
    this.#earlierFragments = Math.max(0, fragments - 1);
    if (bytes.length > 0) this.push(bytes);
    this.#earlierFragments = 0;
  }

  /** Ignores all further input. */
  stop(): void {
    this.#isDone = true;
    this.#cutHeader = undefined;
    this.#cutFrame = undefined;
    this.#cutMessage = undefined;
    if (this.messageSince !== undefined) this.#unfinished.forget(this);
  }

  /** Returns the offset of the next frame, or the end of the bytes if this frame is incomplete. */
  #readFrame(bytes: Buffer, at: number): number {
    const end = bytes.length;
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    let length = second & 0x7f;
    const headerEnd = at + (length < 126 ? 6 : length === 126 ? 8 : 14);
    // An error in the first two bytes is reported without waiting for further bytes.
    if (at + 2 <= end && !this.#isAllowed(first, second, length)) return end;
    if (headerEnd > end) {
      this.#cutHeader = Buffer.from(bytes.subarray(at));
      return end;
    }
    if (length === 126) length = bytes.readUInt16BE(at + 2);
    else if (length === 127) length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    const isControl = (first & 0x08) !== 0;
    if (!isControl && length > this.#roomFor(this.#cutMessage))
      return this.#violate(
        closeCodes.tooBig,
        'The message is too long',
        end,
        'messageBytes',
        this.#bytesSoFar() + length,
      );
    const mask = bytes.readInt32BE(headerEnd - 4);
    const payloadEnd = headerEnd + length;
    if (payloadEnd > end) {
      const payload = new GatheredBytes(length);
      payload.append(bytes, headerEnd, end);
      this.#cutFrame = { first, mask, length, payload };
      return end;
    }
    this.#take(first, mask, bytes, headerEnd, payloadEnd);
    return payloadEnd;
  }

  /** Returns the number of bytes that belong to the frame. */
  #continueFrame(frame: CutFrame, bytes: Buffer): number {
    const { first, mask, length, payload } = frame;
    const taken = Math.min(length - payload.length, bytes.length);
    payload.append(bytes, 0, taken);
    if (payload.length === length) {
      this.#cutFrame = undefined;
      this.#take(first, mask, payload.bytes, 0, length);
    }
    return taken;
  }

  /** Handles a complete frame, whose payload is `bytes` from `start` to `end`. */
  #take(first: number, mask: number, bytes: Buffer, start: number, end: number): void {
    const seen = unmask(bytes, start, end, mask);
    if (first === wholeText) this.#takeText(bytes, start, end, seen);
    else if ((first & 0x0f) >= opcodes.close) this.#takeControl(first & 0x0f, bytes.subarray(start, end));
    else this.#takeFragment(first, bytes, start, end);
  }

  /** Number of bytes by which a message may still grow. */
  #roomFor(message: CutMessage | undefined): number {
    return message === undefined ? this.#limits.maxPayloadBytes : message.maxBytes - message.payload.length;
  }

  #takeText(bytes: Buffer, start: number, end: number, seen: number): void {
    this.#ended += 1;
    if (seen < 0x80) {
      this.#sink.onText(bytes.toString('latin1', start, end), end - start);
    } else if (isUtf8(bytes.subarray(start, end))) {
      this.#sink.onText(bytes.toString('utf8', start, end), end - start);
    } else {
      this.#violate(closeCodes.invalidData, 'Invalid UTF-8 sequence');
    }
  }

  #takeControl(opcode: number, payload: Buffer): void {
    if (this.#cutMessage === undefined) this.#ended += 1;
    if (opcode === opcodes.ping) {
      this.#sink.onPing(payload);
    } else if (opcode === opcodes.pong) {
      this.#sink.onPong();
    } else {
      const status = readClose(payload);
      if (typeof status === 'number') {
        this.#violate(status, 'Invalid close frame');
        return;
      }
      this.stop();
      this.#sink.onCloseFrame(status);
    }
  }

  #takeFragment(first: number, bytes: Buffer, start: number, end: number): void {
    const isFinal = (first & finalBit) !== 0;
    const isBinary = (first & 0x0f) === opcodes.binary;
    if (isFinal && isBinary) {
      this.#ended += 1;
      this.#sink.onBinary(bytes.subarray(start, end));
      return;
    }
    const message = (this.#cutMessage ??= this.#beginMessage(isBinary));
    const { payload } = message;
    message.fragments += 1;
    if (message.fragments > this.#limits.maxFragments) {
      this.#violate(closeCodes.policyViolation, 'Too many message fragments', 0, 'fragments');
      return;
    }
    payload.append(bytes, start, end);
    if (!isFinal) return;
    this.#cutMessage = undefined;
    if (message.isBinary) {
      this.#ended += 1;
      this.#sink.onBinary(payload.bytes);
    } else {
      this.#takeText(payload.bytes, 0, payload.length, 0x80);
    }
  }

  #beginMessage(isBinary: boolean): CutMessage {
    const { maxPayloadBytes: maxBytes } = this.#limits;
    const fragments = this.#earlierFragments;
    this.#earlierFragments = 0;
    return { isBinary, maxBytes, payload: new GatheredBytes(maxBytes), fragments };
  }

  /** Validates the first two bytes of a frame; `length` is the 7-bit length field. */
  #isAllowed(first: number, second: number, length: number): boolean {
    // Fast path for nearly every frame.
    if (first === wholeText && (second & maskBit) !== 0 && this.#cutMessage === undefined) return true;
    const problem = problemOf(first, second, length, this.#cutMessage !== undefined);
    if (problem === undefined) return true;
    this.#violate(closeCodes.webSocketProtocolError, problem);
    return false;
  }

  #bytesSoFar(): number {
    return this.#cutMessage?.payload.length ?? 0;
  }

  #violate(code: number, message: string, next = 0, limit?: FrameLimit, messageBytes?: number): number {
    this.stop();
    this.#sink.onViolation(code, message, limit, messageBytes);
    return next;
  }
}

function problemOf(first: number, second: number, length: number, isInMessage: boolean): string | undefined {
  const opcode = first & 0x0f;
  if ((first & reservedBits) !== 0) return 'A reserved bit is set';
  if ((second & maskBit) === 0) return 'The frame is not masked';
  switch (opcode) {
    case opcodes.continuation:
      return isInMessage ? undefined : 'A fragment continues nothing';
    case opcodes.text:
    case opcodes.binary:
      return isInMessage ? 'A message begins within another' : undefined;
    case opcodes.close:
    case opcodes.ping:
    case opcodes.pong:
      if ((first & finalBit) === 0) return 'A control frame is fragmented';
      return length > maxControlBytes ? 'A control frame is too long' : undefined;
    default:
      return `Unknown opcode ${opcode}`;
  }
}
