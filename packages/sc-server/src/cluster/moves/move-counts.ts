/** Open sockets of workers that were replaced, by outcome. */
export interface MoveCounts {
  /** Sockets moved to another worker together with the client's connection. */
  readonly moved: number;
  /** Sockets that could not move and were closed with code 1012. */
  readonly closed: number;
}
