import { connect } from 'node:net';

/** Sends bytes on a connection of its own, and returns what comes back until the text is complete or the server ends. */
export function exchangeBytes(port: number, bytes: string, isComplete: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => void socket.write(bytes, 'latin1'));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (isComplete(received)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

/** Whole responses whose length their head says. */
export function responsesIn(text: string): { status: number; headers: string; body: string }[] {
  const found: { status: number; headers: string; body: string }[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return found;
    const headers = rest.slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (body.length < length) return found;
    found.push({ status: Number(headers.split(' ')[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
}

export function upgradeTo(path: string, ...headers: string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AQEBAQEBAQEBAQEBAQEBAQ==',
    ...headers,
    '',
    '',
  ].join('\r\n');
}
