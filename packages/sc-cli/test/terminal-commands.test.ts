import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, tempDir } from 'sc-testkit';
import { openTerminal, tmux } from './open-terminal.js';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const app = `terminal-${process.pid}`;
const key = 'a key of 32 characters or some more';
const cleanup = createCleanup();
let cwd: string;
let url: string;
/** Where the cluster runs, and where the other commands are typed. */
let server: ReturnType<typeof openTerminal>;
let terminal: ReturnType<typeof openTerminal>;
let cluster: ReturnType<typeof server.run>;

const sc = (args: string) => `'${process.execPath}' '${main}' ${args}`;
const worker = `export function run({ scServer }) {
  scServer.on('connection', (socket) => {
    socket.handle('hello', (name) => 'Hello ' + name);
    socket.on('note', (data) => scServer.exchange.publish('notes', data));
  });
}`;

/** Every command that ends by itself, what it shows, and its exit code. */
const commands: readonly (readonly [string, RegExp, number?])[] = [
  [
    `status --app ${app}`,
    /^terminal-\d+ \(\d+\) is running on http:\/\/localhost:\d+, \d+ clients, \d+ connections accepted$/m,
  ],
  [`top --count 1 --app ${app}`, /^worker 0 +\d+ +\w+/m],
  [`reload --app ${app}`, /^terminal-\d+ runs fresh code\.$/m],
  ['invoke hello Ada', /^Hello Ada$/m],
  ['pub news \'{"a":1}\'', /^Published to news\.$/m],
  ['emit note 7', /note/],
  ['bench --clients 3 --rate 5 --duration 1', /^delivered +15 of 15$/m],
  ['token generate-key', /^[0-9a-f]{64}$/m],
  ['token sign \'{"username":"ada"}\' --key-file key', /^eyJ[\w.-]+$/m],
  ['token verify nonsense --key-file key', /^error: /m, 1],
  ['cert --out certs', /^Wrote \S+key\.pem and \S+cert\.pem\. To use them:$/m],
  ['cert --out certs', /^error: \S+key\.pem already exists\. Add --force to replace it\.$/m, 1],
  ['config check', /^The configuration is right: \S+sc\.config\.json\.$/m],
  ['config show --origin', /^workers +1 +file: /m],
  ['config env', /^SC_PORT +port +8000$/m],
  ['doctor --port 0', /^ok +node: version \d/m],
  ['completion bash', /_sc_complete/],
  ['create myapp --no-install', /^Done\. Now:$/m],
];

/** Every command, used wrongly, and the hint. */
const wrong: readonly (readonly [string, RegExp])[] = [
  ['create', /missing required argument 'name'/],
  ['start --prot 1', /\(Did you mean --port\?\)/],
  ['dev --opne', /\(Did you mean --open\?\)/],
  ['reload --ap x', /\(Did you mean --app\?\)/],
  ['stop --ap x', /\(Did you mean --app\?\)/],
  ['status --jsno', /\(Did you mean --json\?\)/],
  ['top --interval soon', /It must be a whole number from 100 to 3600000\./],
  ['pub news', /missing required argument 'data'/],
  ['sub', /missing required argument 'channel'/],
  ['emit', /missing required argument 'event'/],
  ['invoke', /missing required argument 'procedure'/],
  ['store --port x', /--port must be a whole number/],
  ['token sign ada --key-file key', /The claims must be a JSON object such as/],
  ['cert --days 1000', /It must be a whole number from 1 to 825\./],
  ['config check --port x', /--port must be a whole number from 0 to 65535/],
  ['doctor --jsno', /\(Did you mean --json\?\)/],
  ['bench --clients none', /It must be a whole number from 1 to 20000\./],
  ['completion tcsh', /The shell must be one of bash, zsh, fish, got "tcsh"/],
];

(tmux === undefined ? describe.skip : describe)('every command in a terminal', () => {
  beforeAll(async () => {
    cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
    writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
    writeFileSync(join(cwd, 'worker.js'), worker);
    writeFileSync(join(cwd, 'key'), key);
    const config = { appName: app, workerController: './worker.js', workers: 1, port: 0, authKey: key };
    writeFileSync(join(cwd, 'sc.config.json'), JSON.stringify(config));
    server = openTerminal({ cwd, cleanup, columns: 200, rows: 50 });
    cluster = server.run(sc('start'));
    const [, port] = await server.shows(/^Open http:\/\/localhost:(\d+)$/m);
    url = `ws://localhost:${port}/socketcluster/`;
    terminal = openTerminal({ cwd, cleanup, columns: 200, rows: 120, env: { SC_URL: url } });
  }, 120_000);
  afterAll(() => cleanup.run());

  it.each(commands)(
    '%s',
    async (args, shown, code = 0) => {
      const ended = await terminal.run(sc(args)).ended();
      expect(terminal.screen()).toMatch(shown);
      expect(ended).toBe(code);
    },
    90_000,
  );

  it('doctor has colours', async () => {
    await terminal.run(sc('doctor --port 0')).ended();
    expect(terminal.colours()).toMatch(/\u001b\[32mok/);
    await terminal.run(sc('doctor --port 0 --no-color')).ended();
    expect(terminal.colours()).not.toContain('\u001b[32m');
  }, 90_000);

  it('sub shows what is published', async () => {
    const sub = terminal.run(sc('sub news --count 1'));
    await terminal.shows(/^Subscribed to news\.$/m);
    await runProcess(main, { args: ['pub', 'news', '{"a":1}', '--url', url], cwd });
    expect(await sub.ended()).toBe(0);
    expect(terminal.screen()).toMatch(/^\{"a":1\}$/m);
  }, 90_000);

  it.each([
    ['store --port 0', /^ndata-store listens/m, 0],
    [`dev --port 0 --app-name ${app}-dev`, /^ready http:/m, 0],
    ['sub news', /^Subscribed to news\.$/m, 130],
  ])(
    '%s runs until Ctrl-C',
    async (args, shown, code) => {
      const running = terminal.run(sc(args));
      await terminal.shows(shown);
      terminal.press('C-c');
      expect(await running.ended()).toBe(code);
    },
    90_000,
  );

  it('used wrongly, each ends with 2 and gives a hint', async () => {
    const list = wrong.map(([args]) => `${sc(args)}; echo "^ $?"`).join('; ');
    writeFileSync(join(cwd, 'wrong.sh'), list);
    expect(await terminal.run('sh wrong.sh').ended()).toBe(0);
    const answers = terminal.screen().split(/^\^ /m);
    expect(answers.slice(1).map((answer) => answer.split('\n')[0])).toEqual(wrong.map(() => '2'));
    wrong.forEach(([, hint], index) => expect(answers[index]).toMatch(hint));
    expect(terminal.screen()).not.toContain('    at ');
  }, 120_000);

  it('stop ends the cluster that another terminal shows', async () => {
    expect(await terminal.run(sc(`stop --app ${app}`)).ended()).toBe(0);
    expect(terminal.screen()).toContain(`${app} has ended.`);
    expect(await cluster.ended()).toBe(0);
  }, 90_000);
});
