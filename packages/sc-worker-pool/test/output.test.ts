import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { continuationMark, createOutputSplitter } from '../src/output.js';

function split(chunks: readonly Uint8Array[], maxTextLength = 1000): string[] {
  const lines: string[] = [];
  const splitter = createOutputSplitter(maxTextLength, (line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.flush();
  return lines;
}

describe('The splitter of output', () => {
  it('gives the same lines however the bytes are cut', () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replace(/[\r\n]/g, '')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(text, fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(200), { maxLength: 10 }), (lines, end, cuts) => {
        const bytes = Buffer.from(lines.map((line) => line + end).join(''));
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        expect(split(edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge)))).toEqual(lines);
      }),
    );
  });

  it('delivers a last line without an end', () => {
    expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b']);
  });

  it('delivers long lines in pieces and holds no more than one', () => {
    expect(split([Buffer.from('abcdefgh\nxyz')], 3)).toEqual(['abc', 'def', 'gh', 'xyz']);
    expect(split([Buffer.from('abcd'), Buffer.from('efgh\n')], 3)).toEqual(['abc', 'def', 'gh']);
  });

  it('keeps the lines of one write together, in pieces when they are long', () => {
    const write = (...lines: string[]) => Buffer.from(`${lines.join(`${continuationMark}\n`)}\n`);
    expect(split([write('a', '', 'b\r'), write('c'), write('d', '')])).toEqual(['a\n\nb', 'c', 'd\n']);
    expect(split([write('abcd', 'ef', 'g')], 4)).toEqual(['abcd', 'ef\ng']);
    expect(split([Buffer.from(`a${continuationMark}\nb`)])).toEqual(['a\nb']);
  });
});
