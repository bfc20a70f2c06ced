import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import type { HandOffListener, HandOffTarget } from '../src/index.js';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, last registered first. */
export function cleanUp(task: () => unknown): void {
  cleanups.push(task);
}

afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

/** A target process, ready, and known to the listener. */
export async function startTarget(
  listener: HandOffListener,
  id: string,
  { maxConnections }: { maxConnections?: number } = {},
): Promise<ChildProcess> {
  const args = maxConnections === undefined ? [id] : [id, String(maxConnections)];
  const child = fork(fileURLToPath(new URL('fixtures/target.mjs', import.meta.url)), args, { execArgv: [] });
  const exited = once(child, 'exit');
  cleanUp(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await messageOf(child, (message) => message['ready'] === true);
  child.on('message', (message) => listener.handleMessage(id, message));
  child.on('exit', () => listener.removeTarget(id));
  listener.addTarget(targetOf(child, id));
  return child;
}

export function targetOf(child: ChildProcess, id: string): HandOffTarget {
  return {
    id,
    send(order, connection: Socket) {
      if (!child.connected) throw new Error('gone');
      child.send(order, connection, { keepOpen: true }, () => undefined);
    },
  };
}

/** Resolves with the next message that fits. */
export function messageOf(
  child: ChildProcess,
  accept: (message: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('no such message came')), 15_000);
    const listen = (message: unknown): void => {
      if (!accept(message as Record<string, unknown>)) return;
      clearTimeout(deadline);
      child.off('message', listen);
      resolve(message as Record<string, unknown>);
    };
    child.on('message', listen);
  });
}

/** Makes the target behave as told from its next hand-off on. */
export async function setHabit(child: ChildProcess, habit: string): Promise<void> {
  const confirmed = messageOf(child, (message) => message['habit'] === habit);
  child.send({ habit });
  await confirmed;
}

/** An HTTP GET; `keepAlive` leaves the connection open until the test ends. */
export function get(port: number, path = '/', { keepAlive = false } = {}): Promise<string> {
  const agent = new Agent({ keepAlive });
  cleanUp(() => agent.destroy());
  return new Promise((resolve, reject) => {
    request({ port, path, agent, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text)).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

/** Resolves when the connection is closed, by whatever. */
export function closeOf(connection: Socket): Promise<void> {
  return new Promise((resolve) => connection.on('error', () => undefined).once('close', () => resolve()));
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
