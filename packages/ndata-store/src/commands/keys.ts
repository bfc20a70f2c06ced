import { InvalidArgumentsError, StoreError } from 'sc-protocol';
import type { Branch } from '../data/tree-node.js';
import { encodeStored } from '../values.js';
import type { DataCommand } from './command.js';

const defaultLimit = 1000;
const maxLimit = 10_000;
/** Most listings a client has begun and not finished; the oldest is given up. */
const maxCursors = 16;

/** Answers with a page of keys, and a cursor while there may be more. */
export const keys: DataCommand = {
  name: 'keys',
  writes: false,
  transacts: true,
  run(core, request, caller) {
    const { options } = request;
    const startsWith = typeof options['startsWith'] === 'string' ? options['startsWith'] : '';
    const limit = options['limit'] === undefined ? defaultLimit : Number(options['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      throw new InvalidArgumentsError(`\`limit\` must be a whole number between 1 and ${maxLimit}, got ${limit}`);
    }
    let cursor = options['cursor'];
    let iterator: Iterator<string | number> | undefined;
    if (cursor === undefined) {
      cursor = caller.cursors.next++;
      iterator = request.keys.length === 0 ? core.tree.root.keys() : keysOf(core.tree.findBranch(request.keys));
    } else {
      iterator = caller.cursors.open.get(cursor as number);
      if (iterator === undefined) throw new StoreError('This listing has ended or was given up for newer ones');
    }
    const found: string[] = [];
    caller.cursors.open.delete(cursor as number);
    while (found.length < limit) {
      const next = iterator.next();
      if (next.done === true) return encodeStored({ keys: found });
      const key = String(next.value);
      if (key.startsWith(startsWith)) found.push(key);
    }
    caller.cursors.open.set(cursor as number, iterator);
    if (caller.cursors.open.size > maxCursors) {
      const [oldest] = caller.cursors.open.keys();
      if (oldest !== undefined) caller.cursors.open.delete(oldest);
    }
    return encodeStored({ keys: found, cursor });
  },
};

function keysOf(branch: Branch | undefined): Iterator<string | number> {
  if (branch === undefined) return [].values();
  return branch.isList ? branch.items.keys() : branch.entries.keys();
}
