/** Open sockets of workers that were replaced, by outcome. */
export interface MoveCounts {
  /** Moved to another worker, with the connection of the client. */
  readonly moved: number;
  /** Could not move, and were closed with 1012. */
  readonly closed: number;
}
