import { StringDecoder } from 'node:string_decoder';

/** Splits a stream of bytes into lines. Longer lines than `maxLineLength` characters are delivered in pieces. */
export function createLineSplitter(
  maxLineLength: number,
  onLine: (line: string) => void,
): { push(chunk: Buffer): void; flush(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  function take(text: string): void {
    rest += text;
    let start = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      deliver(rest.slice(start, rest[end - 1] === '\r' && end > start ? end - 1 : end));
      start = end + 1;
    }
    rest = rest.slice(start);
    while (rest.length > maxLineLength) {
      onLine(rest.slice(0, maxLineLength));
      rest = rest.slice(maxLineLength);
    }
  }

  function deliver(line: string): void {
    for (let from = 0; from === 0 || from < line.length; from += maxLineLength) {
      onLine(line.slice(from, from + maxLineLength));
    }
  }

  return {
    push: (chunk) => take(decoder.write(chunk)),
    flush() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
