/** Types of frames from a store to a client. */
export const replyCodes = {
  /** Response to the call with this id; the body is its value. */
  done: 128,
  /**
   * Error response to the call with this id, as JSON. With id 0: why a command without an id failed, or why the link is
   * closed.
   */
  failed: 129,
  /** A publication; see publication-frame.ts. */
  publication: 130,
  /** A watched key chain was written: the written chain as keys, the command's name as options. */
  change: 131,
  // 132 is retired: one member that joined or left.
  /** Dropped publications, changes and member events, as JSON; see `LostNotice`. */
  lost: 133,
  /** An order: its issuer as key, its numbers as options, its data as payload. */
  order: 134,
  /** Members of a watched channel have changed: the channel as key, a `MemberDiff` as JSON. */
  members: 135,
} as const;

/** A command that gets an immediate response, ahead of pending ones. */
export const pingCode = 74;
