import { parseArgs } from 'node:util';
import { InvalidOptionsError } from 'sc-protocol';
import { nodeBytes } from '../data/tree-node.js';
import { backup } from '../persist/backup.js';
import { examine } from '../persist/examine.js';
import type { Examination } from '../persist/examine.js';
import { runningHolder } from '../persist/folder-lock.js';
import { repair } from '../persist/repair.js';

export const folderHelp = `Usage: ndata-store check FOLDER [--json]
       ndata-store repair FOLDER [--until-damage]
       ndata-store backup FOLDER TO
       ndata-store inspect FOLDER [--json]

Commands for the folder of a store with --persist.

  check     reads all files and reports damage; changes nothing
  repair    makes a damaged folder usable: keeps the readable data, moves the original files to
            FOLDER/damaged-<time>, and reports the dropped data. The store must not be running
  backup    copies the folder to a new or empty folder TO; the store may be running
  inspect   prints the contents of the folder: keys, expiries, streams, lives, the largest root keys

  --json          print one JSON object
  --until-damage  keep only the data before the damage: an earlier consistent state of the store
  --help          print this help

Exit codes: 0 success, 1 damage or failure, 2 wrong usage.
`;

export const folderCommands: readonly string[] = ['check', 'repair', 'backup', 'inspect'];

/** Runs one of {@link folderCommands}. Returns the exit code. Throws `InvalidOptionsError` and `StartError`. */
export async function runFolderCommand(command: string, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(folderHelp);
    return 0;
  }
  const [folder, to] = positionals;
  const wanted = command === 'backup' ? 2 : 1;
  if (folder === undefined || positionals.length !== wanted) {
    throw new InvalidOptionsError(
      `\`ndata-store ${command}\` needs ${wanted === 2 ? 'FOLDER and TO' : 'FOLDER'}, got ${positionals.length} paths`,
    );
  }
  if (values['until-damage'] === true && command !== 'repair') {
    throw new InvalidOptionsError(`--until-damage is for repair, not for ${command}`, { option: 'until-damage' });
  }
  if (values.json === true && command !== 'check' && command !== 'inspect') {
    throw new InvalidOptionsError(`--json is for check and inspect, not for ${command}`, { option: 'json' });
  }
  switch (command) {
    case 'check':
      return check(folder, values.json === true);
    case 'repair':
      return repairFolder(folder, values['until-damage'] === true);
    case 'backup':
      return backUp(folder, to ?? '');
    default:
      return inspect(folder, values.json === true);
  }
}

function parse(args: readonly string[]) {
  const options = {
    json: { type: 'boolean' },
    'until-damage': { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new InvalidOptionsError((error as Error).message, undefined, { cause: error });
  }
}

function check(folder: string, asJson: boolean): number {
  const { files, problems, tornBytes } = examine(folder);
  const isFine = problems.length === 0;
  if (asJson) {
    print(JSON.stringify({ folder, isFine, files, problems, tornBytes }));
    return isFine ? 0 : 1;
  }
  for (const { path, bytes, records } of files) print(`${path}: ${bytes} bytes, ${records} records`);
  if (tornBytes > 0) print(`The last write was cut off: a start drops its ${tornBytes} bytes`);
  for (const problem of problems) print(`PROBLEM: ${problem}`);
  print(isFine ? 'Fine.' : `A store does not start with this folder. See \`ndata-store repair ${folder}\`.`);
  return isFine ? 0 : 1;
}

async function repairFolder(folder: string, untilDamage: boolean): Promise<number> {
  const { found, originals } = await repair(folder, untilDamage);
  if (originals === undefined) {
    print('The folder needs no repair.');
    return 0;
  }
  for (const problem of found.problems) print(`Dropped: ${problem}`);
  if (found.tornBytes > 0) print(`Dropped: ${found.tornBytes} bytes of a last write that was cut off`);
  print(`Kept: ${summary(found)}`);
  print(`The files as they were are in ${originals}`);
  return 0;
}

function backUp(folder: string, to: string): number {
  const copy = backup(folder, to);
  print(`Copied to ${to}: ${summary(copy)}`);
  return 0;
}

function inspect(folder: string, asJson: boolean): number {
  const found = examine(folder);
  const { data, files, problems, life, isClosed } = found;
  const roots = [...data.tree.root].map(([key, node]) => ({ key, bytes: nodeBytes(node) }));
  const largest = roots.sort((a, b) => b.bytes - a.bytes).slice(0, 10);
  const holder = runningHolder(folder);
  const streams = data.streams.channels().map((channel) => {
    const stream = data.streams.get(channel);
    return { channel, epoch: stream?.epoch ?? '', top: stream?.top ?? 0, publications: stream?.size ?? 0 };
  });
  if (asJson) {
    const counts = { keys: data.tree.root.size, expiries: data.expiry.size, memoryBytes: data.tree.bytes };
    const usedBy = holder?.pid ?? null;
    print(JSON.stringify({ folder, usedBy, life, isClosed, files, problems, ...counts, largest, streams }));
    return problems.length === 0 ? 0 : 1;
  }
  print(`${folder}: ${summary(found)}`);
  print(
    `Life ${life}, ${holder === undefined ? (isClosed ? 'closed' : 'not closed') : `used by process ${holder.pid}`}`,
  );
  for (const { path, bytes, records } of files) print(`${path}: ${bytes} bytes, ${records} records`);
  for (const { key, bytes } of largest) print(`root key ${JSON.stringify(key)}: about ${bytes} bytes`);
  for (const problem of problems) print(`PROBLEM: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

function summary({ data: { tree, expiry, streams } }: Examination): string {
  const publications = streams.channels().reduce((sum, channel) => sum + (streams.get(channel)?.size ?? 0), 0);
  return `${tree.root.size} root keys, ${expiry.size} expiries, ${streams.size} streams with ${publications} publications`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
