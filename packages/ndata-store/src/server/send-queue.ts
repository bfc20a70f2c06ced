import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { FrameWriter } from '../wire/frame-writer.js';

/** Kinds of frames: a full queue drops publications, but not control frames. */
export type FrameKind = 'publication' | 'control';

interface Piece {
  readonly bytes: Buffer;
  /** Number of these bytes that are publications. */
  readonly publicationBytes: number;
}

/** Publications of at least this size are queued without copying and shared by all links. */
const sharedBytes = 16 * 1024;

/** Smaller publications are combined into pieces of about this size. */
const pieceBytes = 64 * 1024;

/** Bytes passed to the socket at a time while the kernel buffer is full. */
const batchBytes = 256 * 1024;

/**
 * Output queued for one client, in order. While the kernel accepts everything, all frames of an event loop turn are
 * sent in one write. Otherwise they are queued here, where the bytes of publications and of control frames (replies
 * included) are counted separately, because each kind has its own limit.
 */
export class SendQueue {
  /** Collects the frames of this turn. */
  readonly #writer = new FrameWriter();
  readonly #socket: Socket;
  readonly #pieces: Piece[] = [];
  /** The only publication of this turn, while no other output is queued. */
  #alone: Buffer | undefined;
  /** Number of bytes in the writer that are publications. */
  #writerPublicationBytes = 0;
  #piecesBytes = 0;
  #piecesPublicationBytes = 0;
  #socketBytes = 0;
  #socketPublicationBytes = 0;
  #isBlocked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes of publications queued here or in the socket. */
  get publicationBytes(): number {
    const alone = this.#alone?.length ?? 0;
    return alone + this.#writerPublicationBytes + this.#piecesPublicationBytes + this.#socketPublicationBytes;
  }

  /** Bytes of control frames queued here or in the socket. */
  get controlBytes(): number {
    const collected = this.#writer.length - this.#writerPublicationBytes;
    const queued = this.#piecesBytes - this.#piecesPublicationBytes;
    return collected + queued + this.#socketBytes - this.#socketPublicationBytes;
  }

  /** Whether the socket is full because the client reads too slowly. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Hot path. Adds a complete frame, which other links may share. */
  publication(frame: Buffer): void {
    if (frame.length >= sharedBytes) {
      this.#closePiece();
      this.#push(frame, frame.length);
    } else if (this.#alone === undefined && this.#writer.length === 0 && this.#pieces.length === 0) {
      // A publication that is the only output is written without copying: all links share its bytes.
      this.#alone = frame;
    } else {
      this.#joined().bytes(frame);
      this.#writerPublicationBytes += frame.length;
      if (this.#isBlocked && this.#writer.length >= pieceBytes) this.#closePiece();
    }
  }

  /** Hot path. Adds a reply. */
  reply(code: number, id: number, value: string | Uint8Array | undefined): void {
    const writer = this.#joined();
    writer.begin(code, id);
    try {
      if (typeof value === 'string') writer.byteText(value);
      else if (value !== undefined) writer.bytes(value);
      writer.end();
    } catch (error) {
      writer.abandon();
      throw error;
    }
    if (this.#isBlocked && writer.length >= pieceBytes) this.#closePiece();
  }

  /** Adds a frame written by `write`. If `write` throws, the partial frame is discarded. */
  frame(kind: FrameKind, code: number, id: number, write: (writer: FrameWriter) => void): void {
    const writer = this.#joined();
    writer.begin(code, id);
    try {
      write(writer);
      const bytes = writer.end();
      if (kind === 'publication') this.#writerPublicationBytes += bytes;
    } catch (error) {
      writer.abandon();
      throw error;
    }
    if (this.#isBlocked && writer.length >= pieceBytes) this.#closePiece();
  }

  /** Hot path. Writes the queued output until the socket is full. */
  flush(): void {
    if (this.#isBlocked) return;
    const socket = this.#socket;
    if (this.#pieces.length === 0) {
      const publicationBytes = this.#writerPublicationBytes + (this.#alone?.length ?? 0);
      if (this.#alone !== undefined) socket.write(this.#alone);
      this.#alone = undefined;
      this.#writer.flush(socket);
      this.#writerPublicationBytes = 0;
      this.#measure(publicationBytes);
      return;
    }
    this.#closePiece();
    this.#writePieces();
  }

  /** The socket has drained. Writes the remaining output. */
  drained(): void {
    this.#isBlocked = false;
    this.#socketBytes = 0;
    this.#socketPublicationBytes = 0;
    this.flush();
  }

  /** Passes all output to the socket, which is ended next. */
  finish(): void {
    this.#isBlocked = false;
    if (this.#pieces.length > 0) this.#closePiece();
    for (const { bytes } of this.#pieces.splice(0)) this.#socket.write(bytes);
    if (this.#alone !== undefined) this.#socket.write(this.#alone);
    this.#writer.flush(this.#socket);
    this.clear();
  }

  clear(): void {
    this.#writer.clear();
    this.#alone = undefined;
    this.#pieces.length = 0;
    this.#writerPublicationBytes = 0;
    this.#piecesBytes = 0;
    this.#piecesPublicationBytes = 0;
  }

  #writePieces(): void {
    const socket = this.#socket;
    let bytes = 0;
    let publicationBytes = 0;
    let count = 0;
    socket.cork();
    for (const piece of this.#pieces) {
      if (bytes > 0 && bytes + piece.bytes.length > batchBytes) break;
      socket.write(piece.bytes);
      bytes += piece.bytes.length;
      publicationBytes += piece.publicationBytes;
      count++;
    }
    socket.uncork();
    this.#pieces.splice(0, count);
    this.#piecesBytes -= bytes;
    this.#piecesPublicationBytes -= publicationBytes;
    this.#measure(publicationBytes);
    if (!this.#isBlocked && this.#pieces.length > 0) this.#writePieces();
  }

  /** Updates the byte counts from the socket's buffer, after a write with `publicationBytes` bytes of publications. */
  #measure(publicationBytes: number): void {
    const { writableLength } = this.#socket;
    this.#socketBytes = writableLength;
    const held = writableLength === 0 ? 0 : this.#socketPublicationBytes + publicationBytes;
    this.#socketPublicationBytes = Math.min(held, writableLength);
    this.#isBlocked = this.#socket.writableNeedDrain;
  }

  /** Returns the writer, including the publication that was kept apart. */
  #joined(): FrameWriter {
    if (this.#alone !== undefined) {
      this.#writer.bytes(this.#alone);
      this.#writerPublicationBytes += this.#alone.length;
      this.#alone = undefined;
    }
    return this.#writer;
  }

  #closePiece(): void {
    const writer = this.#joined();
    if (writer.length === 0) return;
    // Copy to the exact size: output for a slow consumer may stay in memory for long.
    this.#push(this.#isBlocked ? writer.take() : writer.detach(), this.#writerPublicationBytes);
    this.#writerPublicationBytes = 0;
  }

  #push(bytes: Buffer, publicationBytes: number): void {
    this.#pieces.push({ bytes, publicationBytes });
    this.#piecesBytes += bytes.length;
    this.#piecesPublicationBytes += publicationBytes;
  }
}
