import { StringDecoder } from 'node:string_decoder';

/**
 * Marks the end of a line within a multi-line write. A pipe does not preserve the boundaries of writes; with this
 * mark, the pool delivers the lines of one write as one text.
 */
export const continuationMark = '\u001e';

/**
 * Splits the output of a member into texts: single lines, or all lines of one write. Texts longer than `maxTextLength`
 * characters are split.
 */
export function createOutputSplitter(
  maxTextLength: number,
  onText: (text: string) => void,
): { push(chunk: Buffer): void; flush(): void } {
  const decoder = new StringDecoder('utf8');
  /** Complete lines of a write whose last line has not been received yet. */
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
    // Split a long write at a line end.
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
