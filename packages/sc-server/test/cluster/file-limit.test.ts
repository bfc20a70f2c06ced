import { describe, expect, it } from '@jest/globals';
import { maxConnections } from '../../src/cluster/children/file-limit.js';

const limits = (files: string) =>
  `Max processes 7823 7823 processes\nMax open files            ${files}  1024  files\n`;

describe('the number of connections that a process has files for', () => {
  it.each([
    { files: '256', options: { maxConnections: 104 } },
    { files: '1048576', options: { maxConnections: 524_264 } },
    { files: '20', options: { maxConnections: 5 } },
    { files: '2', options: { maxConnections: 1 } },
    { files: 'unlimited', options: {} },
  ])('takes two files for each of $files, and leaves some for everything else', ({ files, options }) => {
    expect(maxConnections({ filesEach: 2, otherFiles: 48 }, () => limits(files))).toEqual(options);
  });

  it('knows no number where the system tells none', () => {
    expect(maxConnections({ filesEach: 1, otherFiles: 48 }, () => '')).toEqual({});
  });
});
