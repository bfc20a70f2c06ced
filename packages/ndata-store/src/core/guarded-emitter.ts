import { EventEmitter } from 'node:events';

type Arguments<Events> = { [E in keyof Events]: Events[E] extends (...args: infer A) => unknown ? A : never };

/** An emitter that goes on when listeners throw: they run one by one, and what one throws keeps no other from its event. */
export class GuardedEmitter<Events> extends EventEmitter<Arguments<Events>> {
  /**
   * Returns whether there is a listener. `onThrow` receives exceptions of listeners, later if they are asynchronous.
   */
  protected tell<E extends keyof Events & string>(
    event: E,
    args: Arguments<Events>[E],
    onThrow: (error: unknown) => void,
  ): boolean {
    // Listeners for once are among them in the form that takes them off.
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
