import { commandCodes } from '../wire/codes.js';
import type { Command } from './command.js';
import { expire } from './expire.js';
import { getAll } from './get-all.js';
import { getExpiry } from './get-expiry.js';
import { get } from './get.js';
import { hasKey } from './has-key.js';
import { publish } from './publish.js';
import { removeAll } from './remove-all.js';
import { remove } from './remove.js';
import { set } from './set.js';
import { subscribe } from './subscribe.js';
import { unexpire } from './unexpire.js';
import { unsubscribe } from './unsubscribe.js';

export const commands: readonly Command[] = [
  get,
  set,
  remove,
  hasKey,
  getAll,
  removeAll,
  expire,
  unexpire,
  getExpiry,
  subscribe,
  unsubscribe,
  publish,
];

/** The commands by the number they have on a link. */
export const commandTable: readonly (Command | undefined)[] = tabulate(commands);

function tabulate(all: readonly Command[]): (Command | undefined)[] {
  const table = new Array<Command | undefined>(256).fill(undefined);
  for (const command of all) table[commandCodes[command.name]] = command;
  return table;
}
