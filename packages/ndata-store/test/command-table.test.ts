import { describe, expect, it } from '@jest/globals';
import { CommandList, NdataStore } from '../src/index.js';
import { clientMethods, coreCommands, keyCommands } from '../src/commands/table.js';
import { commandCodes } from './helpers/command-codes.js';

describe('the table of commands', () => {
  it('gives every command the code that it was published with', () => {
    const codes = coreCommands.byCode.flatMap((command) =>
      command === undefined ? [] : [[command.name, command.code]],
    );
    expect(Object.fromEntries(codes)).toEqual(commandCodes);
    coreCommands.byCode.forEach((command, code) => expect(command?.code ?? code).toBe(code));
  });

  it('names every command as its method', () => {
    for (const [name, method] of Object.entries(clientMethods)) {
      expect('name' in method && 'code' in method ? method.name : name).toBe(name);
    }
  });

  it('makes a method of the client of every entry', async () => {
    const store = new NdataStore();
    const methods = store as unknown as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(clientMethods)) expect(typeof methods[name]).toBe('function');
    await store.close();
  });

  it('makes a method of the command list of every command that can be undone, but for those about the whole tree', () => {
    const list = new CommandList() as unknown as Readonly<Record<string, unknown>>;
    for (const [name, { transacts }] of Object.entries(keyCommands)) {
      expect([name, transacts, typeof list[name]]).toEqual([name, true, 'function']);
    }
  });

  it('makes a method of the data map of every command that can be undone', async () => {
    const store = new NdataStore();
    const map = store.controller.dataMap as unknown as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(keyCommands)) expect([name, typeof map[name]]).toEqual([name, 'function']);
    await store.close();
  });
});

describe('a callback', () => {
  const store = new NdataStore();
  const answer = (give: (callback: (error: Error | null, value?: unknown) => void) => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      give((error, value) => (error === null ? resolve(value) : reject(error)));
    });

  it('may stand in the place of every optional argument', async () => {
    await answer((done) => store.set('list', [1, 2], done));
    expect(await answer((done) => store.set('list', [1, 2, 3], true, done))).toEqual([1, 2, 3]);
    expect(await answer((done) => store.pop('list', done))).toBeUndefined();
    expect(await answer((done) => store.splice('list', { index: 0, count: 1, getValue: true }, done))).toEqual([1]);
    expect(await answer((done) => store.splice('list', done))).toBeUndefined();
    expect(await answer((done) => store.increment('n', done))).toBe(1);
    expect(await answer((done) => store.increment('n', 2, done))).toBe(3);
    expect(await answer((done) => store.getRange('list', 0, done))).toEqual([]);
    expect(await answer((done) => store.removeRange('list', 0, done))).toBeUndefined();
    expect(await answer((done) => store.removeRange('list', 0, 1, true, done))).toEqual([]);
    expect(await answer((done) => store.keys([], {}, done))).toEqual({ keys: ['list', 'n'] });
    expect(await answer((done) => store.getAll(done))).toEqual({ list: [], n: 3 });
    expect(await answer((done) => store.publish('news', 'hello', done))).toBeUndefined();
    expect(await answer((done) => store.statistics(done))).toHaveLength(1);
  });

  it('gets the error of arguments that cannot be sent, as the promise does', async () => {
    await expect(answer((done) => store.get([], done).catch(() => undefined))).rejects.toThrow('key chain');
    await expect(store.get([])).rejects.toThrow('key chain');
    await store.close();
  });
});
