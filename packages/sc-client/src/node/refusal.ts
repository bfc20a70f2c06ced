import type { IncomingMessage } from 'node:http';

/** Maximum number of bytes of the response body that go into the error. */
const maxBodyBytes = 1024;

/** The error for an upgrade that the server answered with an ordinary HTTP response. */
export interface RefusalError extends Error {
  readonly statusCode: number;
}

/** Reads the response and calls back once with the error: at its end, when it breaks off, or at the maximum length. */
export function readRefusal(response: IncomingMessage, done: (error: RefusalError) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    done(refusalError(response, Buffer.concat(chunks).toString('utf8', 0, maxBodyBytes)));
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBodyBytes) finish();
  });
  for (const event of ['end', 'aborted', 'error', 'close']) response.on(event, finish);
}

function refusalError({ statusCode = 0, statusMessage = '', headers }: IncomingMessage, body: string): RefusalError {
  const isText = /^text\/plain\b/.test(headers['content-type'] ?? '');
  // The body of this project's servers is the status text unless there is more to say.
  const text = isText ? body.replace(/\p{Cc}+/gu, ' ').trim() : '';
  const more = text === '' || text === statusMessage ? '' : ` (${text})`;
  const remedy = remedyFor(statusCode, headers.location);
  const message = `Unexpected server response: ${`${statusCode} ${statusMessage}`.trim()}${more}${remedy && `; ${remedy}`}`;
  return Object.assign(new Error(message), { statusCode, ...(remedy && { remedy }) });
}

function remedyFor(statusCode: number, location: string | undefined): string {
  if (statusCode >= 300 && statusCode < 400)
    return `redirects are not followed, connect to ${location ?? 'its target'}`;
  const isElsewhere = statusCode === 404 || (statusCode >= 200 && statusCode < 300);
  return isElsewhere ? 'check the options `hostname`, `port` and `path`' : '';
}
