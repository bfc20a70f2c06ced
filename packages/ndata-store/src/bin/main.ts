import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidOptionsError, ScError, StartError } from 'sc-protocol';
import type { StoreController } from '../controller/store-controller.js';
import { NdataServer } from '../server/ndata-server.js';
import { version } from '../version.js';
import { serveHealth } from './health-server.js';
import { help, readArguments } from './arguments.js';
import { folderCommands, runFolderCommand } from './folder-commands.js';
import type { Arguments } from './arguments.js';

/** Runs the command line. Ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  let wanted: Arguments;
  try {
    const [command = '', ...rest] = args;
    if (folderCommands.includes(command)) {
      process.exitCode = await runFolderCommand(command, rest);
      return;
    }
    wanted = readArguments(args, process.env);
    // Child processes of a controller must not inherit the secret.
    delete process.env['NDATA_SECRET'];
    if (wanted.kind === 'serve') await serve(wanted);
    else process.stdout.write(wanted.kind === 'help' ? help : `${version}\n`);
  } catch (error) {
    const isUsage = error instanceof InvalidOptionsError;
    tell(isUsage ? `${error.message} (see --help)` : messageOf(error));
    process.exit(isUsage ? 2 : 1);
  }
}

async function serve({ options, controllerPath, health }: Extract<Arguments, { kind: 'serve' }>): Promise<void> {
  const server = new NdataServer(options);
  server.on('error', (error) => tell(messageOf(error)));
  server.store.on('writable', () => tell('the log can be written again'));
  if (options.unsafeQueryFunctions === true) {
    tell('warning: this store runs functions sent by clients; whoever can reach it can do anything this process can');
  }
  let isEnding = false;
  let isListening = false;
  const end = (): void => {
    if (isEnding) process.exit(1);
    isEnding = true;
    isListening = false;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        tell(messageOf(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  if (health !== undefined) {
    // Start before the recovery, which may take long: liveness probes must succeed meanwhile.
    const { port } = (
      await serveHealth(health, {
        get clients() {
          return server.clients;
        },
        get isListening() {
          return isListening;
        },
        statistics: () => server.store.statistics(),
      })
    ).address() as AddressInfo;
    process.stderr.write(`ndata-store: health port ${port}\n`);
  }
  const recovery = server.recover();
  if (recovery !== undefined) {
    const dropped = recovery.droppedBytes === 0 ? '' : `, ${recovery.droppedBytes} bytes of cut-off writes dropped`;
    tell(`recovered ${recovery.records} records${dropped}`);
  }
  // Run the controller after the recovery: it sees the restored data, and its writes are persisted.
  if (controllerPath !== undefined) await runController(controllerPath, server.store);
  await server.listen();
  isListening = true;
  const { address } = server;
  const where = 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`;
  process.stdout.write(`ndata-store listens on ${where}\n`);
}

async function runController(path: string, store: StoreController): Promise<void> {
  let module: { run?: unknown; default?: { run?: unknown } };
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (error) {
    throw new StartError(`The controller cannot be loaded: ${messageOf(error)}`, undefined, { cause: error });
  }
  const run = module.run ?? module.default?.run;
  if (typeof run !== 'function') throw new StartError('The controller must export a function `run`');
  await (run as (store: StoreController) => unknown)(store);
}

function tell(text: string): void {
  process.stderr.write(`ndata-store: ${text}\n`);
}

function messageOf(error: unknown): string {
  if (error instanceof ScError && error.remedy !== undefined) return `${error.message}. ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
