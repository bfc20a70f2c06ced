import { isDeepStrictEqual } from 'node:util';
import { InvalidFrameError } from 'sc-protocol';
import { closeNode } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import { decodeStored } from '../values.js';
import { requireKeys, requireValueBytes } from './checks.js';
import { storedFalse, storedTrue } from './command.js';
import type { DataCommand } from './command.js';

/** The payload: u32 length of the expected value, that value, the new value. No expected bytes mean "nothing there". */
export const compareAndSet: DataCommand = {
  name: 'compareAndSet',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    requireValueBytes(core, request);
    const payload = request.payload();
    if (payload.length < 4) throw new InvalidFrameError('The expected value is missing', { field: 'payload' });
    const valueStart = 4 + payload.readUInt32LE(0);
    if (valueStart >= payload.length) throw new InvalidFrameError('The new value is missing', { field: 'payload' });
    const expected = payload.toString('latin1', 4, valueStart);
    if (!isAsExpected(core.tree.find(request.keys), expected)) return storedFalse;
    core.tree.set(request.keys, payload.toString('latin1', valueStart));
    return storedTrue;
  },
};

function isAsExpected(node: TreeNode | undefined, expected: string): boolean {
  if (node === undefined || expected === '') return node === undefined && expected === '';
  const value = closeNode(node);
  return value === expected || isDeepStrictEqual(decodeStored(value), decodeStored(expected));
}
