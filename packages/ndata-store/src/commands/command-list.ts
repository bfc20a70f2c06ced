import type { Call, CallList } from './call.js';
import { keyCommands } from './table.js';

type KeyCommands = typeof keyCommands;
type ListName = Exclude<keyof KeyCommands, 'getAll' | 'removeAll' | 'keys'>;

/**
 * Commands sent to a store together: a transaction, or a last will. Every method adds a command and returns the list.
 */
export type CommandList = CallList & {
  readonly [Name in ListName]: (...args: Parameters<KeyCommands[Name]['call']>) => CommandList;
};

type AddCall = (this: Commands, ...args: never[]) => Commands;

class Commands implements CallList {
  readonly #calls: Call[] = [];

  static {
    for (const [name, { call }] of Object.entries<{ readonly call: (...args: never[]) => Call }>(keyCommands)) {
      const add: AddCall = function (...args) {
        this.#calls.push(call(...args));
        return this;
      };
      Object.defineProperty(this.prototype, name, { value: add, configurable: true, writable: true });
    }
  }

  /** The commands so far. */
  calls(): readonly Call[] {
    return this.#calls;
  }
}

// The static block defines every method of the type, each with the arguments of its command.
/** Creates a list of commands for `transaction`. */
export const CommandList = Commands as unknown as new () => CommandList;
