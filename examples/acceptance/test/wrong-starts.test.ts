import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, processGroup, runProcess } from 'sc-testkit';
import { savePrograms } from './readme-programs.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const goodWorker = 'export function run() {}';

/** Runs `new SocketCluster(options)` until it exits, with these files next to it. */
async function start(options: string, files: Readonly<Record<string, string>> = { 'worker.js': goodWorker }) {
  const server = `import { SocketCluster } from 'sc-server';\nnew SocketCluster(${options});\n`;
  const programs = Object.entries({ ...files, 'server.js': server }).map(([file, text]) => ({
    file,
    text,
    line: 1,
    isPart: false,
    isServer: false,
  }));
  const { path } = cleanup.add(savePrograms(programs, 0), (directory) => directory.remove());
  const finished = await runProcess('server.js', { cwd: path, deadlineMs: 30_000 });
  const output = finished.stdout + finished.stderr;
  const errors = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: string; message: string })
    .filter(({ level }) => level === 'error')
    .map(({ message }) => message);
  return { code: finished.code, output, errors, left: processGroup(finished.pid) };
}

const nothing: unknown[] = [];

describe('wrong options fail at once, naming the option, the rule and the value', () => {
  it.each([
    ["{ workerController: 'worker.js', workers: -1 }", /`workers` must be .*from 1.*, got -1/],
    ["{ workerController: 'worker.js', port: 'http' }", /`port` must be a whole number from 0 to 65535, got "http"/],
    ["{ workerController: 'worker.js', balancer: 1 }", /balancer.*did you mean.*balancers/i],
    ["{ workerController: 'worker.js', brokers: 1 }", /brokers.*stores/],
    ["{ workerController: 'worker.js', pingTimeout: 20 }", /pingTimeout.*milliseconds.*got 20/],
    [
      "{ workerController: 'worker.js', pingInterval: 30000 }",
      /`pingInterval` must be less than `pingTimeout` \(20000\), got 30000/,
    ],
    ["{ workerController: 'worker.js', protocol: 'ftp' }", /`protocol` must be one of "http", "https", got "ftp"/],
    ["{ workerController: 'worker.js', protocol: 'https' }", /protocolOptions is required/],
    ["{ workerController: 'worker.js', authKey: 'too short' }", /`authKey` must be at least 32 bytes/],
    ['{ workers: 1 }', /workerController is required/],
  ])('%s', async (options, message) => {
    const { code, output, left } = await start(options);
    expect({ code, left }).toEqual({ code: 1, left: nothing });
    expect(output).toMatch(message);
    expect(output).not.toMatch(/Error: .*too short/);
  });
});

describe('a start that cannot succeed is one clear error, exit code 1, and nothing left running', () => {
  const options = "{ workerController: 'worker.js', workers: 2, port: 0 }";

  it.each(['balancers: 0', 'balancers: 1'])('a port in use, with %s', async (balancers) => {
    const occupant = cleanup.add(createServer().listen(0), (server) => server.close());
    await once(occupant, 'listening');
    const { port } = occupant.address() as AddressInfo;
    const started = await start(`{ workerController: 'worker.js', workers: 2, port: ${port}, ${balancers} }`);
    expect(started).toMatchObject({
      code: 1,
      errors: [`The cluster could not listen on port ${port}: it is in use already`],
      left: nothing,
    });
  });

  it.each([
    ['a missing worker controller', {}, /worker controller .*worker\.js does not exist/],
    ['a controller without run', { 'worker.js': 'export const walk = 1;' }, /must export a function named run/],
    [
      'a controller that throws when it is loaded',
      { 'worker.js': "throw new Error('broken at load');" },
      /broken at load.*worker\.js:1/,
    ],
    [
      'a controller that throws when it is run',
      { 'worker.js': "export function run() {\n  throw new Error('broken at run');\n}" },
      /broken at run.*worker\.js:2/,
    ],
    [
      'a controller that rejects',
      { 'worker.js': "export async function run() {\n  throw new Error('broken later');\n}" },
      /broken later.*worker\.js:2/,
    ],
    ['a controller that does not parse', { 'worker.js': 'export function run( {' }, /SyntaxError/],
    [
      'a controller that needs a missing package',
      { 'worker.js': "import 'no-such-package';\nexport function run() {}" },
      /no-such-package/,
    ],
  ])('%s', async (_name, files: Readonly<Record<string, string>>, message) => {
    const { code, errors, left } = await start(options, files);
    expect({ code, left, count: errors.length }).toEqual({ code: 1, left: nothing, count: 1 });
    expect(errors[0]).toMatch(message);
  });
});
