// Parses the start of a TLS connection, https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2, only as far as needed to
// find the session tickets in it. The TLS implementation validates the rest.

const recordHeaderBytes = 5;
const handshakeRecord = 22;
const clientHello = 1;
const extensions = { sessionTicket: 35, preSharedKey: 41 };
/** A ticket begins with the name of its encryption key. */
export const ticketNameBytes = 16;
/** A longer ClientHello is passed on without being parsed. */
export const maxHelloBytes = 16_384;

/**
 * Returns the key names of the session tickets in a ClientHello. Empty if the message is malformed or not a
 * ClientHello; `incomplete` if more bytes are needed.
 */
export function readTicketNames(bytes: Buffer): readonly Buffer[] | 'incomplete' {
  const message = joinRecords(bytes);
  if (message === 'incomplete' || message === undefined) return message ?? [];
  const reader = new Reader(message.subarray(4));
  reader.skip(34); // version and random
  reader.take(1); // session id
  reader.take(2); // ciphers
  reader.take(1); // compression
  const list = new Reader(reader.take(2));
  const names: Buffer[] = [];
  while (list.remaining > 0) {
    const type = list.number(2);
    const data = list.take(2);
    if (type === extensions.sessionTicket) names.push(data);
    if (type === extensions.preSharedKey) {
      const identities = new Reader(new Reader(data).take(2));
      while (identities.remaining > 0) {
        names.push(identities.take(2));
        identities.skip(4); // obfuscated ticket age
      }
    }
  }
  return names.filter(({ length }) => length > ticketNameBytes).map((ticket) => ticket.subarray(0, ticketNameBytes));
}

/** Returns the ClientHello without its record headers, or `undefined` if the bytes are not a ClientHello. */
function joinRecords(bytes: Buffer): Buffer | 'incomplete' | undefined {
  const parts: Buffer[] = [];
  let size = 0;
  let wanted = 4;
  for (let at = 0; size < wanted;) {
    if (at < bytes.length && bytes[at] !== handshakeRecord) return undefined;
    if (bytes.length < at + recordHeaderBytes) return 'incomplete';
    const end = at + recordHeaderBytes + bytes.readUInt16BE(at + 3);
    if (end === at + recordHeaderBytes) return undefined;
    const part = bytes.subarray(at + recordHeaderBytes, end);
    parts.push(part);
    size += part.length;
    if (size >= 4 && wanted === 4) {
      const head = Buffer.concat(parts);
      if (head[0] !== clientHello) return undefined;
      wanted = 4 + head.readUIntBE(1, 3);
      if (wanted > maxHelloBytes) return undefined;
    }
    if (size < wanted && bytes.length < end) return 'incomplete';
    at = end;
  }
  return Buffer.concat(parts).subarray(0, wanted);
}

/** A forward reader that never reads beyond the end: missing numbers are 0, missing bytes are empty. */
class Reader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  skip(count: number): void {
    this.#at = Math.min(this.bytes.length, this.#at + count);
  }

  number(size: number): number {
    const value = this.remaining < size ? 0 : this.bytes.readUIntBE(this.#at, size);
    this.skip(size);
    return value;
  }

  /** Reads a length prefix and that many bytes. */
  take(lengthBytes: number): Buffer {
    const length = this.number(lengthBytes);
    const start = this.#at;
    this.skip(length);
    return this.bytes.subarray(start, this.#at);
  }
}
