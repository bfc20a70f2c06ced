import { Buffer } from 'node:buffer';
import { InvalidFrameError } from 'sc-protocol';
import { maxKeyBytes, maxKeyChainLength } from '../key-chain.js';
import type { StoredValue } from '../values.js';
import { FrameWriter } from './frame-writer.js';

/** The options of a command, from its frame. */
export type CommandOptions = Readonly<Record<string, unknown>>;

const none: Buffer = Buffer.alloc(0);
const noKeys: readonly string[] = Object.freeze([]);
const noOptions: CommandOptions = Object.freeze({});

/** One command as passed to its handler. The object is reused for the next command, so handlers must not keep it. */
export class CommandRequest {
  keys: readonly string[] = noKeys;
  options: CommandOptions = noOptions;
  /** The whole body, with the payload at its end. */
  buffer: Buffer = none;
  bodyStart = -1;
  payloadStart = 0;
  end = 0;

  /** Returns the payload as a stored value. */
  stored(): StoredValue {
    return this.buffer.toString('latin1', this.payloadStart, this.end);
  }

  /** Returns the payload without copying it. */
  payload(): Buffer {
    return this.buffer.subarray(this.payloadStart, this.end);
  }

  /** Returns the body; encodes it if the request did not come in a frame. */
  body(): Buffer {
    if (this.bodyStart >= 0) return this.buffer.subarray(this.bodyStart, this.end);
    const writer = new FrameWriter();
    writer.head(this.keys, this.options === noOptions ? undefined : this.options);
    writer.bytes(this.payload());
    return writer.take();
  }

  /** Returns the first key: a channel, a root key or a procedure's name. */
  name(): string {
    const name = this.keys[0];
    if (name === undefined) throw new InvalidFrameError('The command needs a key', { field: 'keys' });
    return name;
  }

  /** Reads a command's body. Hot path. Throws `InvalidFrameError`. */
  read(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.bodyStart = start;
    this.end = end;
    let at = start;
    if (at >= end) throw truncated();
    const count = buffer.readUInt8(at++);
    if (count > maxKeyChainLength) {
      throw new InvalidFrameError(`A key chain holds at most ${maxKeyChainLength} keys, got ${count}`, {
        field: 'keys',
      });
    }
    const keys: string[] = [];
    for (let i = 0; i < count; i++) {
      if (at + 2 > end) throw truncated();
      const length = buffer.readUInt16LE(at);
      at += 2;
      if (length > maxKeyBytes) {
        throw new InvalidFrameError(`A key takes at most ${maxKeyBytes} bytes, got ${length}`, { field: 'keys' });
      }
      if (at + length > end) throw truncated();
      keys.push(buffer.toString('utf8', at, at + length));
      at += length;
    }
    this.keys = keys;
    if (at + 2 > end) throw truncated();
    const length = buffer.readUInt16LE(at);
    at += 2;
    if (length === 0) {
      this.options = noOptions;
    } else {
      if (at + length > end) throw truncated();
      this.options = parseOptions(buffer.toString('utf8', at, at + length));
      at += length;
    }
    this.payloadStart = at;
  }
}

function parseOptions(text: string): CommandOptions {
  try {
    const options: unknown = JSON.parse(text);
    if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options as CommandOptions;
  } catch {
    // Reported below, like options of another type.
  }
  throw new InvalidFrameError('The options of a command must be a JSON object', { field: 'options' });
}

function truncated(): InvalidFrameError {
  return new InvalidFrameError('A frame ends before its content does', { field: 'length' });
}
