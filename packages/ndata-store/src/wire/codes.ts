/** Types of frames from a store to a client. */
export const replyCodes = {
  /** Answers the call with this id; the body is its value. */
  done: 128,
  /** Answers the call with this id; with id 0 says why a command without an id failed, or why the link is closed. An error as JSON. */
  failed: 129,
  /** A publication; see publication-frame.ts. */
  publication: 130,
  /** A watched key chain changed: the chain that was written, the command's name as options. */
  change: 131,
  // 132 was one member that joined or left.
  /** Publications, changes and member events that were left out, as JSON; see `LostNotice`. */
  lost: 133,
  /** An order: who gave it as key, its numbers as options, its data. */
  order: 134,
  /** Members of a watched channel have changed: the channel as key, a `MemberDiff` as JSON. */
  members: 135,
} as const;

/** A command that is answered at once, whatever else waits for its answer. */
export const pingCode = 74;
