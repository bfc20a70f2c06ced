import { request as httpRequest, type IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly setCookie: string | undefined;
}

export function get(port: number, headers: Record<string, string> = {}, path = '/'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, headers });
    const answer = (response: IncomingMessage, body: string) =>
      resolve({ status: response.statusCode ?? 0, body, setCookie: response.headers['set-cookie']?.[0] });
    request.on('upgrade', (response, stream) => {
      stream.destroy();
      answer(response, '');
    });
    request.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => answer(response, body));
    });
    request.on('error', reject);
    request.end();
  });
}

export const upgradeHeaders = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AQEBAQEBAQEBAQEBAQEBAQ==',
};

/** The `Cookie` header that a browser would send back. */
export const cookieOf = ({ setCookie = '' }: Answer) => ({ Cookie: setCookie.split(';')[0] ?? '' });
