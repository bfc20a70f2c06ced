import type { Duplex } from 'node:stream';
import { takeChunks } from 'sc-protocol/chunks';

/** Receives the events of an upgraded stream. */
export interface StreamListener {
  /** Hot path. */
  onChunk(chunk: Buffer): void;
  onStreamEnd(): void;
  onStreamError(): void;
  onStreamClose(): void;
}

const listenerOf = Symbol('listener');

/** An upgraded stream with its listener, stored in one property instead of four closures. */
type UpgradedStream = Duplex & { [listenerOf]: StreamListener };

/** Listens to a stream. A paused stream stays paused. */
export function listenTo(stream: Duplex, listener: StreamListener): void {
  const upgraded: UpgradedStream = Object.assign(stream, { [listenerOf]: listener });
  takeChunks(upgraded, onData);
  stream.on('end', onEnd);
  stream.on('error', onError);
  stream.on('close', onClose);
}

/** Takes the chunks that the stream has buffered. The stream emits no more data. */
export function takeBuffered(stream: Duplex): Buffer {
  stream.off('data', onData);
  const chunks: Buffer[] = [];
  while (stream.readableLength > 0) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Ignores all later events of the stream. */
export function stopListening(stream: Duplex): void {
  for (const [event, listener] of Object.entries({ data: onData, end: onEnd, error: onError, close: onClose })) {
    stream.off(event, listener as () => void);
  }
  stream.on('error', () => undefined);
}

function onData(this: UpgradedStream, chunk: Buffer): void {
  this[listenerOf].onChunk(chunk);
}

function onEnd(this: UpgradedStream): void {
  this[listenerOf].onStreamEnd();
}

function onError(this: UpgradedStream): void {
  this[listenerOf].onStreamError();
}

function onClose(this: UpgradedStream): void {
  this[listenerOf].onStreamClose();
}
