import { EventEmitter } from 'node:events';

type Arguments<Events> = { [E in keyof Events]: Events[E] extends (...args: infer A) => unknown ? A : never };

/** An emitter that isolates listeners: an exception in one listener does not stop the others. */
export class GuardedEmitter<Events> extends EventEmitter<Arguments<Events>> {
  /**
   * Emits an event. Returns whether there is a listener. `onThrow` receives exceptions of listeners, and the
   * rejections of asynchronous ones.
   */
  protected tell<E extends keyof Events & string>(
    event: E,
    args: Arguments<Events>[E],
    onThrow: (error: unknown) => void,
  ): boolean {
    // Raw listeners include the `once` wrappers, which remove themselves when called.
    const listeners = this.rawListeners(event as never);
    for (const listener of listeners) {
      try {
        const result: unknown = Reflect.apply(listener, this, args as unknown[]);
        if (result !== undefined) Promise.resolve(result).catch(onThrow);
      } catch (error) {
        onThrow(error);
      }
    }
    return listeners.length > 0;
  }
}
