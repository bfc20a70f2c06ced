import { describe, expect, it } from '@jest/globals';
import { runCli } from '../src/run-cli.js';
import { recordingTerminal } from './recording-terminal.js';

const commands = [
  ['create'],
  ['start'],
  ['dev'],
  ['reload'],
  ['stop'],
  ['drain'],
  ['log-level'],
  ['clients'],
  ['channels'],
  ['tail'],
  ['kick'],
  ['disconnect'],
  ['revoke'],
  ['status'],
  ['top'],
  ['pub'],
  ['sub'],
  ['emit'],
  ['invoke'],
  ['store'],
  ['token'],
  ['token', 'sign'],
  ['token', 'verify'],
  ['token', 'generate-key'],
  ['cert'],
  ['config'],
  ['config', 'check'],
  ['config', 'show'],
  ['config', 'env'],
  ['doctor'],
  ['bench'],
  ['completion'],
];

async function run(args: readonly string[]) {
  const terminal = recordingTerminal();
  const code = await runCli(args, terminal);
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

describe('--help', () => {
  it('of the program names every command', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    for (const [name = ''] of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  });

  it.each(commands.map((command) => [command]))('of %j has an example', async (command) => {
    const { code, stdout, stderr } = await run([...command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\n\nExamples?:\n {2}\$ /);
    expect(stdout).toMatchSnapshot();
  });
});

describe('wrong use', () => {
  it.each([
    [['statsu'], '(Did you mean status?)'],
    [['token', 'sing', '{}'], '(Did you mean sign?)'],
    [['start', '--prot', '1'], '(Did you mean --port?)'],
    [['pub', 'news'], "missing required argument 'data'"],
    [['top', '--interval', 'soon'], 'It must be a whole number from 100 to 3600000.'],
    [['pub', 'a', 'b', '--url', 'http://x'], '--url must be an address such as ws://localhost:8000/socketcluster/'],
    [['pub', 'a', 'b', '--token-file', '/no/such'], '--token-file names a file that cannot be read: /no/such'],
    [['token', 'sign', 'ada', '--key-file', '/no/such'], 'names a file that cannot be read (ENOENT)'],
    [['token', 'generate-key', '--type', 'dsa'], '--type must be one of secret, ed25519, rsa, got "dsa"'],
    [['completion', 'tcsh'], 'The shell must be one of bash, zsh, fish, got "tcsh"'],
    [['cert', 'no such host'], 'A host must be a name or an address, got "no such host"'],
    [['config', 'check', '--config', '/no/such.json'], 'The configuration /no/such.json cannot be read'],
    [
      ['config', 'check', '--worker-controller', 'w.js', '--port', 'x'],
      '--port must be a whole number from 0 to 65535',
    ],
    [['config', 'check'], 'workerController is required'],
    [['start'], 'There is nothing to start in'],
  ])('%j ends with 2 and says what is wrong', async (args, hint) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });

  it('shows where an error came from with --verbose only', async () => {
    expect((await run(['status', '--pid', '0', '--verbose'])).stderr).toContain('    at ');
    expect((await run(['status', '--pid', '0'])).stderr).not.toContain('    at ');
  });
});
