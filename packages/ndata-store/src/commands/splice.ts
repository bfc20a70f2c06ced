import { InvalidArgumentsError, StoreError } from 'sc-protocol';
import { ListBranch, itemsToJson, openNode } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { CommandRequest } from '../wire/request.js';
import { requireKeys } from './checks.js';
import type { DataCommand } from './command.js';

/** As Array's `splice`; without a count it removes to the end. Makes a list where there is nothing. */
export const splice: DataCommand = {
  name: 'splice',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    const { tree } = core;
    const { keys, options } = request;
    const items = itemsOf(request);
    let removed: TreeNode[] = [];
    const list = tree.findList(keys);
    if (list !== undefined) {
      const index = toInteger('index', options['index']) ?? 0;
      const count = toInteger('count', options['count']) ?? list.items.length;
      removed = tree.splice(list, index, count, items);
    } else if (tree.find(keys) !== undefined) {
      throw new StoreError('Only a list can be spliced');
    } else if (items.length > 0) {
      tree.set(keys, new ListBranch(items));
    }
    return options['getValue'] === true ? itemsToJson(removed) : undefined;
  },
};

function itemsOf(request: CommandRequest): TreeNode[] {
  if (request.payloadStart === request.end) return [];
  const items = openNode(request.stored());
  if (items?.isList === true) return items.items;
  throw new InvalidArgumentsError('`items` must be an array');
}

function toInteger(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new InvalidArgumentsError(`\`${name}\` must be a whole number, got ${JSON.stringify(value)}`);
}
