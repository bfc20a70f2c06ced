/** Collects the resources of a test and closes them in reverse order, even after failures. */
export interface Cleanup {
  /** Registers a resource with its close function, and returns the resource. */
  add<Thing>(thing: Thing, close: (thing: Thing) => unknown): Thing;
  /** Closes all resources in reverse order; then rejects with the first error, if any. */
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
