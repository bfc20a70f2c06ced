import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NdataServer } from '../src/index.js';
import type { QueryFunction, Store } from '../src/index.js';
import { storeKinds } from './helpers/stores.js';
import type { OpenStore } from './helpers/stores.js';

/** A variable that a function gets where it runs. */
declare const point: unknown;

describe.each(storeKinds)('procedures and functions, on %s', (_name, open) => {
  let opened: OpenStore;
  let store: Store;

  beforeAll(async () => {
    opened = await open({ unsafeQueryFunctions: true, queryTimeoutMs: 1000, id: 7, storeOptions: { own: 'thing' } });
    ({ store } = opened);
    for (const controller of opened.controllers) {
      controller.defineProcedure('move', (data, { dataMap, publish }) => {
        const { from, to } = data as { from: string; to: string };
        publish('moved', to);
        const value = dataMap.remove(['box', from], true);
        dataMap.set(['box', to], value ?? null);
        if (value === undefined) throw new Error('a detail that is nobody’s business');
        return dataMap.get('box');
      });
      controller.defineProcedure('async', async () => 1);
      controller.on('message', (data, respond) => respond(null, { got: data }));
    }
  });
  afterAll(() => opened.close());

  it('runs a procedure with its data and answers with its result', async () => {
    await store.set(['box', 'a'], 1);
    expect(await store.invoke('move', { from: 'a', to: 'b' }, { key: 'box' })).toEqual({ b: 1 });
  });

  it('undoes what a failing procedure wrote, and keeps its details to itself', async () => {
    await store.set('box', { a: 1 });
    const messages: unknown[] = [];
    opened.store.on('message', (_channel, data) => messages.push(data));
    opened.store.on('error', () => undefined);
    await store.subscribe('moved');
    const call = store.invoke('move', { from: 'none', to: 'b' }, { key: 'box' });
    await expect(call).rejects.toMatchObject({
      code: 'SC_HANDLER',
      message: 'The store failed to execute this command',
    });
    expect(await store.get('box')).toEqual({ a: 1 });
    expect(messages).toEqual([]);
  });

  it('refuses procedures that do not exist, that are async, and that exist twice', async () => {
    await expect(store.invoke('toString')).rejects.toMatchObject({ code: 'SC_NO_HANDLER' });
    await expect(store.invoke('async')).rejects.toMatchObject({ code: 'SC_HANDLER' });
    expect(() => opened.controllers[0]!.defineProcedure('move', () => 1)).toThrow('already');
  });

  it('carries messages to the controller, which knows who it is', async () => {
    expect(await store.send({ x: 1 })).toEqual({ got: { x: 1 } });
    expect(opened.controllers[0]).toMatchObject({ id: '7', options: { own: 'thing' } });
    expect(() => opened.controllers[0]!.sendToMaster(1)).toThrow('owns');
  });

  it('runs functions with their variables, as the original did', async () => {
    await store.set(['one', 'two', 'three', 'four'], 'v');
    const get = function (dataMap: { get(key: unknown): unknown }) {
      return dataMap.get(['two', 'three']);
    };
    expect(await store.run(get, { baseKey: 'one' })).toEqual({ four: 'v' });
    const value = { x: 1, y: '$& // no comment' };
    const set: QueryFunction = function (dataMap: { set(k: unknown, v: unknown): void; get(k: unknown): unknown }) {
      dataMap.set('point', point);
      return dataMap.get(['point']);
    };
    const named = Object.assign(set, { data: { point: value } });
    expect(await store.run(named)).toEqual(value);
    expect(await store.query(named, { point: 5 })).toBe(5);
  });

  it('ends a function that takes too long or fails, and undoes what it wrote', async () => {
    const endless = ((dataMap: { set(k: unknown, v: unknown): void }) => {
      dataMap.set('half', 1);
      for (;;);
    }) as QueryFunction;
    await expect(store.run(endless, { baseKey: 'f' })).rejects.toMatchObject({ code: 'SC_STORE' });
    expect(await store.hasKey('f')).toBe(false);
    const failing = (() => {
      throw new Error('on purpose');
    }) as QueryFunction;
    await expect(store.run(failing)).rejects.toMatchObject({ message: 'The function failed: on purpose' });
    await expect(store.run(failing, { data: { 'no name': 1 } })).rejects.toMatchObject({
      code: 'SC_INVALID_ARGUMENTS',
    });
  });
});

describe.each(storeKinds)('functions that nobody allowed, on %s', (_name, open) => {
  it('are refused', async () => {
    const opened = await open();
    await expect(opened.store.run(() => 1)).rejects.toMatchObject({ code: 'SC_STORE' });
    await opened.close();
  });
});

it('functions are refused for TCP without a secret', () => {
  expect(() => new NdataServer({ port: 0, unsafeQueryFunctions: true })).toThrow('`unsafeQueryFunctions`');
});
