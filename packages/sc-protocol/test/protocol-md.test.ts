import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { defaultDialect, dialects, jsonCodec, splitBatch } from '../src/index.js';
import { createB6Dialect } from '../src/legacy/index.js';

const b6Dialect = createB6Dialect('n/app/auth');

const protocol = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
const frames = readFileSync(new URL('../src/frames.ts', import.meta.url), 'utf8');

describe('PROTOCOL.md', () => {
  it('has a heading for every frame of the model, and no other', () => {
    const section = /\n## Frames\n(.*?)\n## /s.exec(protocol)?.[1] ?? '';
    const headings = [...section.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    const types = [...frames.matchAll(/readonly type: '(\w+)'/g)].map(([, type]) => type);
    expect([...headings].sort()).toEqual([...types].sort());
  });

  it('says for every frame who says it', () => {
    for (const [, name, text] of protocol.matchAll(/^### (\w+)\n\n(.+)$/gm)) {
      expect(`${name}: ${text}`).toMatch(/: (Client to server|Server to client|Either way)/);
    }
  });

  it('names every dialect with its ping', () => {
    for (const { name } of [...Object.values(dialects), b6Dialect]) expect(protocol).toContain(`| \`${name}\``);
  });

  it('shows only valid frames in its conversations', () => {
    const lines = [...protocol.matchAll(/^([<>]) (.*)$/gm)];
    expect(lines.length).toBeGreaterThan(20);
    for (const [, from, text = ''] of lines) {
      const parse = from === '>' ? defaultDialect.parseClientFrame : defaultDialect.parseServerFrame;
      const [value] = splitBatch(jsonCodec.decode(text));
      const isPing = text === '1' || text === '2';
      expect([text, parse(value).type === 'raw']).toEqual([text, isPing]);
    }
  });
});
