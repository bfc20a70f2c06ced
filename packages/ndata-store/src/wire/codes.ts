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
