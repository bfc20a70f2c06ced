import { describe, expect, it } from '@jest/globals';
import { flameSvg } from '../src/flame/flame-svg.js';
import { profileTree, type CpuProfile } from '../src/flame/profile-tree.js';

const node = (id: number, functionName: string, url: string, ...children: number[]) => ({
  id,
  callFrame: { functionName, url },
  children,
});

const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', 2, 3),
    node(2, '(idle)', ''),
    node(3, 'onData', 'file:///dist/index.js', 4, 5),
    node(4, 'write', 'node:net'),
    node(5, 'write', 'node:net'),
  ],
  // The first and the last sample lie outside of the part that is looked at.
  samples: [3, 3, 2, 4, 5, 3],
  timeDeltas: [100, 100, 100, 100, 100, 100],
};

describe('A flame graph', () => {
  const root = profileTree(profile, 0.2, 0.9);

  it('joins calls of one function by one caller, and leaves out idle time and what lies outside', () => {
    const onData = [...root.children.values()];
    expect(root.time).toBe(300);
    expect(onData.map(({ name, time }) => [name, time])).toEqual([['onData', 300]]);
    expect([...(onData[0]?.children.values() ?? [])].map(({ name, time }) => [name, time])).toEqual([['write', 200]]);
  });

  it('is as wide as the time is long, and escapes names', () => {
    const svg = flameSvg(root, 'a < b');
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('<title>write 66.7 %</title>');
    expect(svg).toContain('width="1199.5"');
    expect(svg).toContain('width="799.5"');
  });
});
