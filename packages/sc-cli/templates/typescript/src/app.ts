/** A note on the wall, as all users see it. */
export interface Note {
  readonly text: string;
  readonly at: number;
}

/**
 * The contract between the server and the page. Both sides are compiled against it, so the compiler rejects a wrong
 * name or wrong data. Types are not checked at run time, so the worker still validates the data of clients.
 */
export interface App {
  /** Procedures that clients call, with the server's answers. */
  procedures: {
    hello(name: string): string;
    write(text: string): Note;
  };
  /** Publications that subscribers receive. */
  channels: {
    wall: Note;
  };
}
