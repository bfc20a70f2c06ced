/** Collects what a test opened, to close it in reverse order whatever happened. */
export interface Cleanup {
  /** Remembers how to close something, and returns the thing. */
  add<Thing>(thing: Thing, close: (thing: Thing) => unknown): Thing;
  /** Closes everything, last first; then rejects with the first error, if any. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const closers: (() => unknown)[] = [];
  return {
    add(thing, close) {
      closers.push(() => close(thing));
      return thing;
    },
    async run() {
      const errors: unknown[] = [];
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
