/** What became of open sockets at replacements of workers. */
export interface MoveCounts {
  /** They moved to another worker; their clients noticed nothing. */
  readonly moved: number;
  /** They could not move, and were closed with 1012. */
  readonly closed: number;
}
