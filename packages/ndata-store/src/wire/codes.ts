/** The number of each command on a link. A number is never used again for something else. */
export const commandCodes = {
  get: 1,
  set: 2,
  remove: 3,
  hasKey: 4,
  getAll: 5,
  removeAll: 6,
  count: 7,
  getRange: 8,
  removeRange: 9,
  add: 10,
  concat: 11,
  splice: 12,
  pop: 13,
  expire: 14,
  unexpire: 15,
  getExpiry: 16,
  increment: 17,
  compareAndSet: 18,
  keys: 19,
  transaction: 20,
  subscribe: 30,
  unsubscribe: 31,
  publish: 32,
  watch: 33,
  unwatch: 34,
  append: 40,
  readStream: 41,
  trimStream: 42,
  removeStream: 43,
  join: 50,
  leave: 51,
  members: 52,
  watchMembers: 53,
  unwatchMembers: 54,
  invoke: 60,
  run: 61,
  setLastWill: 62,
  send: 63,
  statistics: 64,
} as const;

export type CommandName = keyof typeof commandCodes;

/** What a store sends to a client. */
export const replyCodes = {
  /** Answers the call with this id; the body is its value. */
  done: 128,
  /** Answers the call with this id; with id 0 says why a command without an id failed, or why the link is closed. An error as JSON. */
  failed: 129,
  /** A publication: channel, offset, payload. */
  publication: 130,
  /** A watched key chain changed: the chain that was written, the command's name as options. */
  change: 131,
  /** A member joined or left a channel. */
  member: 132,
} as const;
