import { pathToFileURL } from 'node:url';
import type * as ScServer from 'sc-server';

const { SC_BENCH_BUILD: build } = process.env;

/** `sc-server`, or another build of it to compare with. */
export const { SCServer, SocketCluster } = (
  build === undefined ? await import('sc-server') : await import(pathToFileURL(build).href)
) as typeof ScServer;
