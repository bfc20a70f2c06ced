import { StringDecoder } from 'node:string_decoder';

/**
 * Ends a line within a write of several lines. A pipe does not keep the boundaries of writes; with this mark the pool
 * delivers what was written at once as one text.
 */
export const continuationMark = '\u001e';

/**
 * Splits the output of a member into texts: lines, and the lines of one write together. Longer texts than
 * `maxTextLength` characters are delivered in pieces.
 */
export function createOutputSplitter(
  maxTextLength: number,
  onText: (text: string) => void,
): { push(chunk: Buffer): void; flush(): void } {
  const decoder = new StringDecoder('utf8');
  /** Complete lines of a write whose last line is not here yet. */
  let held = '';
  let rest = '';

  function take(text: string): void {
    rest += text;
    let start = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      takeLine(rest.slice(start, end));
      start = end + 1;
    }
    rest = rest.slice(start);
    while (rest.length > maxTextLength) {
      deliver(held + rest.slice(0, maxTextLength));
      held = '';
      rest = rest.slice(maxTextLength);
    }
  }

  function takeLine(line: string): void {
    const isContinued = line.endsWith(continuationMark);
    const bare = isContinued ? line.slice(0, -1) : line;
    const clean = bare.endsWith('\r') ? bare.slice(0, -1) : bare;
    // Pieces of a long write end at the end of a line.
    if (held !== '' && held.length + clean.length > maxTextLength) {
      deliver(held.slice(0, -1));
      held = '';
    }
    if (isContinued && clean.length <= maxTextLength) held += `${clean}\n`;
    else {
      deliver(held + clean);
      held = '';
    }
  }

  function deliver(text: string): void {
    for (let from = 0; from === 0 || from < text.length; from += maxTextLength) {
      onText(text.slice(from, from + maxTextLength));
    }
  }

  return {
    push: (chunk) => take(decoder.write(chunk)),
    flush() {
      take(decoder.end());
      if (held + rest !== '') deliver(held + rest);
      held = '';
      rest = '';
    },
  };
}
