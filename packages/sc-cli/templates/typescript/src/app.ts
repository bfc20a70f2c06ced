/** A note on the wall, as everybody sees it. */
export interface Note {
  readonly text: string;
  readonly at: number;
}

/**
 * What the server and the page say to each other. Both sides are compiled against it: a wrong name or wrong data does
 * not get as far as a browser. Types end where the network begins, so the worker still looks at what clients send.
 */
export interface App {
  /** What clients call, and what the server answers. */
  procedures: {
    hello(name: string): string;
    write(text: string): Note;
  };
  /** What comes to everybody who subscribed. */
  channels: {
    wall: Note;
  };
}
