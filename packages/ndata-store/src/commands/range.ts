import { indexOfKey } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { CommandRequest } from '../wire/request.js';

/** The places in a list that `from` and `to` mean. A falsy `to` means the end. */
export function listRange(request: CommandRequest, length: number): [from: number, to: number] {
  const { from, to } = request.options;
  const start = Math.min(toPlace(from, 0), length);
  const end = isOpen(to) ? length : Math.min(toPlace(to, length), length);
  return [start, Math.max(start, end)];
}

/** The entries of a map from the key `from` up to the key `to`, in the order they were added. */
export function mapRange(request: CommandRequest, entries: ReadonlyMap<string, TreeNode>): [string, TreeNode][] {
  const from = toText(request.options['from']);
  const to = isOpen(request.options['to']) ? undefined : toText(request.options['to']);
  const range: [string, TreeNode][] = [];
  let isInside = false;
  for (const entry of entries) {
    if (entry[0] === to) break;
    isInside ||= entry[0] === from;
    if (isInside) range.push(entry);
  }
  return range;
}

function isOpen(to: unknown): boolean {
  return to === undefined || to === null || to === 0 || to === '' || to === false;
}

function toPlace(value: unknown, otherwise: number): number {
  const place = indexOfKey(toText(value));
  return place < 0 ? otherwise : place;
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
