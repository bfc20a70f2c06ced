import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { Emitter } from '../src/index.js';

interface Events {
  note: [text: string, count: number];
  error: [error: unknown];
  ['__proto__']: [value: string];
}

describe('an emitter', () => {
  it('calls listeners in the order they were added, with the arguments', () => {
    const emitter = new Emitter<Events>();
    const calls: unknown[] = [];
    emitter.on('note', (...args) => calls.push(['first', ...args]));
    emitter.once('note', (...args) => calls.push(['once', ...args]));
    expect([emitter.emit('note', 'a', 1), emitter.emit('note', 'b', 2)]).toStrictEqual([true, true]);
    expect(calls).toStrictEqual([
      ['first', 'a', 1],
      ['once', 'a', 1],
      ['first', 'b', 2],
    ]);
  });

  it('says that nobody listens, and counts listeners', () => {
    const emitter = new Emitter<Events>();
    expect(emitter.emit('note', 'a', 1)).toBe(false);
    expect(emitter.on('note', () => {}).emit('note', 'a', 1)).toBe(true);
    expect(emitter.removeAllListeners().emit('note', 'a', 1)).toBe(false);
  });

  it('removes one listener, also one added with once, or all of an event', () => {
    const emitter = new Emitter<Events>();
    const calls: string[] = [];
    const one = (): unknown => calls.push('one');
    const two = (): unknown => calls.push('two');
    emitter.once('note', one).on('note', two).off('note', one).emit('note', '', 0);
    emitter.off('note').emit('note', '', 0);
    expect(calls).toStrictEqual(['two']);
  });

  it('reaches the listeners that were there when the event began', () => {
    const emitter = new Emitter<Events>();
    const calls: string[] = [];
    const late = (): unknown => calls.push('late');
    emitter.on('note', () => {
      emitter.off('note', late).on('note', () => calls.push('new'));
    });
    emitter.once('note', late);
    emitter.emit('note', '', 0);
    emitter.emit('note', '', 0);
    expect(calls).toStrictEqual(['late', 'new']);
  });

  it('refuses a listener that is no function', () => {
    const emitter = new Emitter<Events>();
    expect(() => emitter.on('note', 'x' as unknown as () => void)).toThrow('A listener must be a function, got string');
  });

  it('keeps events apart whose names mean something to objects', () => {
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    emitter.on('__proto__', (value) => heard.push(value));
    emitter.emit('__proto__', 'polluted');
    expect(heard).toStrictEqual(['polluted']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('hands an error that nobody listens to, and what a listener throws, to the fallback', () => {
    const fallen: unknown[] = [];
    const emitter = new Emitter<Events>((error) => fallen.push(error));
    emitter.emit('error', 'unheard');
    emitter.on('note', () => {
      throw new Error('from a listener');
    });
    const reached: string[] = [];
    emitter.on('note', (text) => reached.push(text));
    expect(emitter.emit('note', 'a', 1)).toBe(true);
    emitter.on('error', () => {});
    emitter.emit('error', 'heard');
    expect(reached).toStrictEqual(['a']);
    expect(fallen).toStrictEqual(['unheard', new Error('from a listener')]);
  });

  it('throws an unheard error where the process sees it, after the call that emitted it', () => {
    const program = `
      const { Emitter } = require('sc-channel');
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      new Emitter().emit('error', new Error('nobody listens'));
      console.log('after emit');`;
    const child = spawnSync(process.execPath, ['-e', program], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(child.stdout).toBe('after emit\nuncaught nobody listens\n');
  });
});
