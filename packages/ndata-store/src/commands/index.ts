import { commandCodes } from '../wire/codes.js';
import type { Command } from './command.js';
import { add } from './add.js';
import { append } from './append.js';
import { compareAndSet } from './compare-and-set.js';
import { concat } from './concat.js';
import { count } from './count.js';
import { expire } from './expire.js';
import { getAll } from './get-all.js';
import { getExpiry } from './get-expiry.js';
import { getRange } from './get-range.js';
import { get } from './get.js';
import { hasKey } from './has-key.js';
import { increment } from './increment.js';
import { invoke } from './invoke.js';
import { join } from './join.js';
import { keys } from './keys.js';
import { leave } from './leave.js';
import { members } from './members.js';
import { pop } from './pop.js';
import { publish } from './publish.js';
import { readStream } from './read-stream.js';
import { removeAll } from './remove-all.js';
import { removeRange } from './remove-range.js';
import { removeStream } from './remove-stream.js';
import { remove } from './remove.js';
import { run } from './run.js';
import { send } from './send.js';
import { setLastWill } from './set-last-will.js';
import { set } from './set.js';
import { splice } from './splice.js';
import { statistics } from './statistics.js';
import { subscribe } from './subscribe.js';
import { transaction } from './transaction.js';
import { trimStream } from './trim-stream.js';
import { unexpire } from './unexpire.js';
import { unsubscribe } from './unsubscribe.js';
import { unwatchMembers } from './unwatch-members.js';
import { unwatch } from './unwatch.js';
import { watchMembers } from './watch-members.js';
import { watch } from './watch.js';

const commands: readonly Command[] = [
  add,
  append,
  compareAndSet,
  concat,
  count,
  expire,
  getAll,
  getExpiry,
  getRange,
  get,
  hasKey,
  increment,
  invoke,
  join,
  keys,
  leave,
  members,
  pop,
  publish,
  readStream,
  removeAll,
  removeRange,
  removeStream,
  remove,
  run,
  send,
  setLastWill,
  set,
  splice,
  statistics,
  subscribe,
  transaction,
  trimStream,
  unexpire,
  unsubscribe,
  unwatchMembers,
  unwatch,
  watchMembers,
  watch,
];

/** The commands by the number they have on a link. */
export const commandTable: readonly (Command | undefined)[] = tabulate(commands);

function tabulate(all: readonly Command[]): (Command | undefined)[] {
  const table = new Array<Command | undefined>(256).fill(undefined);
  for (const command of all) table[commandCodes[command.name]] = command;
  return table;
}
