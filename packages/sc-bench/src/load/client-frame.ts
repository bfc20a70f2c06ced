const maskKey = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/**
 * Encodes a client frame: final, masked (RFC 6455 §5.2). All frames share one masking key, so that each is built only
 * once. The key is not zero, because some servers skip unmasking then.
 */
export function clientFrame(payload: string | Buffer, opcode = 0x1): Buffer {
  const bytes = Buffer.from(payload);
  const start = bytes.length < 126 ? 2 : 4;
  if (bytes.length >= 65_536) throw new RangeError(`A frame of the bench must be under 65536 bytes`);
  const frame = Buffer.alloc(start + 4 + bytes.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (start === 2 ? bytes.length : 126);
  if (start === 4) frame.writeUInt16BE(bytes.length, 2);
  maskKey.copy(frame, start);
  for (const [i, byte] of bytes.entries()) frame[start + 4 + i] = byte ^ (maskKey[i & 3] ?? 0);
  return frame;
}

/** The WebSocket upgrade request. */
export function upgradeRequest(path: string): Buffer {
  return Buffer.from(
    [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'User-Agent: sc-bench',
      '\r\n',
    ].join('\r\n'),
  );
}
