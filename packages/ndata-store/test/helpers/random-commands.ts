import { CommandList } from '../../src/index.js';
import type { NdataStore } from '../../src/index.js';

/** A small generator of numbers that a seed repeats. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const roots = ['a', 'list', '7', '__proto__', 'é'];
const children = ['x', '0', '1', '2', '10', 'constructor', '😀'];

/** Runs one random command, which may fail like any other. Its effects must be recovered. */
export async function randomCommand(store: NdataStore, random: (below: number) => number): Promise<void> {
  const root = (): string => roots[random(roots.length)]!;
  const chain = (): string[] => {
    const keys = [root()];
    for (let depth = random(3); depth > 0; depth--) keys.push(children[random(children.length)]!);
    return keys;
  };
  const value = (): unknown => {
    const values = [1, -2.5, 'text é', null, true, [1, 'b', [2]], { x: 1, 2: 'two', 10: [] }, new Uint8Array([0, 255])];
    return values[random(values.length)];
  };
  const channel = `channel ${random(3)}`;
  const list = (): CommandList => {
    const commands = new CommandList();
    for (let i = random(5) + 1; i > 0; i--) {
      const kinds = [
        () => commands.set(chain(), value(), random(3) === 0 ? { ttlMs: 1 + random(3000) } : undefined),
        () => commands.remove(chain()),
        () => commands.add(chain(), value()),
        () => commands.splice(chain(), { index: random(4), count: random(3), items: [value()] }),
        () => commands.increment(chain()),
        () => commands.expire(chain(), 1 + random(3)),
      ];
      kinds[random(kinds.length)]!();
    }
    return commands;
  };
  const kinds: (() => Promise<unknown>)[] = [
    () => store.set(chain(), value()),
    () => store.set(chain(), value(), { ttlMs: 1 + random(5000) }),
    () => store.set(root(), [value(), value(), value()]),
    () => store.remove(chain()),
    () => store.add(chain(), value()),
    () => store.concat(chain(), value()),
    () => store.splice(chain(), { index: random(5) - 1, count: random(4), items: random(2) === 0 ? [] : [value()] }),
    () => store.pop(chain()),
    () => store.removeRange(chain(), random(3), random(5)),
    () => store.increment(chain(), random(9)),
    () => store.compareAndSet(chain(), value(), value()),
    () => store.expire([chain(), chain()], 1 + random(4)),
    () => store.unexpire([chain()]),
    () => store.transaction(list()),
    () => store.invoke('several', { fails: random(2) === 0, keys: [chain(), chain()], value: random(100) }),
    () => store.publish(channel, value(), { volatile: random(5) === 0 }),
    () => store.publish(channel, value()),
    () => store.append(`own ${random(2)}`, value(), { maxSize: 1 + random(9) }),
    () => store.readStream(channel),
    () => store.trimStream(channel, { maxSize: random(3) }),
    () => (random(4) === 0 ? store.removeStream(channel) : Promise.resolve()),
    () => (random(20) === 0 ? store.removeAll() : Promise.resolve()),
  ];
  await kinds[random(kinds.length)]!().catch(() => undefined);
}

/** The procedure that `randomCommand` invokes. */
export function defineSeveral(store: NdataStore): void {
  store.controller.defineProcedure('several', (data, { dataMap, publish }) => {
    const { fails, keys, value } = data as { fails: boolean; keys: string[][]; value: number };
    for (const each of keys) dataMap.set(each, { value, list: [value] });
    dataMap.remove(keys[0]!);
    dataMap.add(keys[1]!, value);
    publish('channel 0', value);
    if (fails) throw new Error('it fails after its writes');
  });
}
