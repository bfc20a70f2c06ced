import { describe, expect, it } from '@jest/globals';
import { mostConnections } from '../../src/cluster/children/file-limit.js';

const limits = (files: string) =>
  `Max processes 7823 7823 processes\nMax open files            ${files}  1024  files\n`;

describe('as many connections as a balancer has files for', () => {
  it.each([
    { files: '256', options: { maxConnections: 104 } },
    { files: '1048576', options: { maxConnections: 524_264 } },
    { files: '20', options: { maxConnections: 1 } },
    { files: 'unlimited', options: {} },
  ])('takes two files for each of $files, and leaves some for everything else', ({ files, options }) => {
    expect(mostConnections(() => limits(files))).toEqual(options);
  });

  it('knows no number where the system tells none', () => {
    expect(mostConnections(() => '')).toEqual({});
  });
});
