import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import {
  AuthError,
  BadConnectionError,
  InvalidFrameError,
  InvalidOptionsError,
  StoreUnavailableError,
  TimeoutError,
} from 'sc-protocol';
import { onDeadline } from '../../deadline.js';
import type { ClientTlsOptions } from '../../tls-options.js';
import { wireVersion } from '../../wire/frame.js';
import {
  greetingBytes,
  isSameProof,
  loginHead,
  loginProof,
  magic,
  nonceBytes,
  clientHead,
  decodePlace,
  encodeLimits,
  loginResultBytes,
  loginResults,
  type ShardPlace,
} from '../../wire/login.js';

/** Where a store listens. */
export type StoreAddress = { readonly socketPath: string } | { readonly port: number; readonly host?: string };

/** Formats an address for messages and the status. */
export function addressText(address: StoreAddress): string {
  if ('socketPath' in address) return address.socketPath;
  const { host = '127.0.0.1', port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether dialling failed due to a secret, a protocol version or a shard place. A retry would fail the same way. */
export function isRefusal(error: Error): boolean {
  return error instanceof AuthError || error instanceof InvalidFrameError || error instanceof InvalidOptionsError;
}

/** Limits that a store announces at the login. */
export interface StoreLimits {
  /** Maximum size of a frame that the store accepts. */
  readonly maxFrameBytes: number;
}

export interface DialOptions {
  readonly address: StoreAddress;
  readonly secret: string | undefined;
  readonly tls: ClientTlsOptions | undefined;
  readonly timeoutMs: number;
  /** Position of the store among the shards of the client, if the client has or may have several stores. */
  readonly place: ShardPlace | undefined;
  /**
   * The link is established. `onData` receives all further data, at the start of a buffer that the next read reuses.
   * The socket has no listener except one for errors.
   */
  readonly onWelcome: (socket: Socket, limits: StoreLimits) => void;
  readonly onData: (buffer: Buffer, length: number) => void;
  /** Connecting or logging in failed. */
  readonly onFail: (error: Error) => void;
}

/** Maximum bytes of one read. */
const readBytes = 64 * 1024;

/** Connects and logs in, without retries. Returns a function that aborts the attempt without calling `onFail`. */
export function dial(options: DialOptions): () => void {
  const { secret, place } = options;
  let take: DialOptions['onData'] = () => undefined;
  const socket = connectTo(options, (buffer, length) => take(buffer, length));
  const clientNonce = randomBytes(nonceBytes);
  let storeNonce: Buffer | undefined;
  let received: Buffer = Buffer.alloc(0);
  let isOver = false;

  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    stopTimer();
    take = () => undefined;
    socket.off('close', onClose);
    return true;
  };
  const fail = (error: Error): void => {
    if (!finish()) return;
    socket.destroy();
    options.onFail(error);
  };
  const onClose = (): void => fail(new BadConnectionError('The store closed the link before the login was complete'));
  const onData = (buffer: Buffer, length: number): void => {
    received = Buffer.concat([received, buffer.subarray(0, length)]);
    if (storeNonce === undefined) {
      if (received.length < greetingBytes) return;
      const problem = greetingProblem(received, secret);
      if (problem !== undefined) {
        // Send the login head before closing, so that a store of another version can report the mismatch.
        if (!finish()) return;
        socket.end(loginHead(wireVersion, 0, clientNonce), () => socket.destroy());
        options.onFail(problem);
        return;
      }
      storeNonce = Buffer.from(received.subarray(6, greetingBytes));
      received = received.subarray(greetingBytes);
      const head = clientHead(wireVersion, clientNonce, place);
      socket.write(Buffer.concat([head, loginProof('client', secret, storeNonce, clientNonce)]));
    }
    if (received.length < loginResultBytes) return;
    const maxFrameBytes = received.readUInt32LE(33);
    const limits = encodeLimits(maxFrameBytes);
    const problem = loginProblem(received, loginProof('store', secret, storeNonce, clientNonce, limits), place);
    if (problem !== undefined) fail(problem);
    else if (finish()) welcome({ maxFrameBytes });
  };
  const welcome = (limits: StoreLimits): void => {
    take = options.onData;
    options.onWelcome(socket, limits);
    const rest = received.subarray(loginResultBytes);
    if (rest.length > 0) options.onData(rest, rest.length);
  };
  const stopTimer = onDeadline(performance.now() + options.timeoutMs, options.timeoutMs, () =>
    fail(new TimeoutError('The store did not finish the login in time')),
  );
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  take = onData;
  socket.on('close', onClose);
  // Stays attached for the lifetime of the link. After the login it ignores errors: 'close' follows each of them.
  socket.on('error', (error) =>
    fail(new StoreUnavailableError(`The store cannot be reached: ${error.message}`, undefined, { cause: error })),
  );
  return () => {
    if (finish()) socket.destroy();
  };
}

function connectTo({ address, tls }: DialOptions, onData: DialOptions['onData']): Socket {
  // Share one buffer between all reads: cheaper than allocating 64 KB for each.
  const onread = {
    buffer: Buffer.allocUnsafeSlow(readBytes),
    callback: (length: number) => {
      onData(onread.buffer, length);
      return true;
    },
  };
  if ('socketPath' in address) return connect({ path: address.socketPath, onread });
  const { port, host = '127.0.0.1' } = address;
  if (tls === undefined) return connect({ port, host, onread });
  // TLS sockets support `onread` too, but their types lack it.
  const options = { ...tls, port, host, onread };
  return connectTls(options as ConnectionOptions);
}

function greetingProblem(greeting: Buffer, secret: string | undefined): Error | undefined {
  if (!greeting.subarray(0, 4).equals(magic)) {
    return new InvalidFrameError('The peer is not a store: its greeting is unknown', {
      field: 'magic',
    });
  }
  if (greeting[4] !== wireVersion) {
    return new InvalidFrameError(
      `The store speaks version ${Number(greeting[4])} of the link protocol and this client version ${wireVersion}: both ends need the same version of ndata-store`,
      { field: 'version' },
    );
  }
  const wantsSecret = greeting[5] === 1;
  if (wantsSecret && secret === undefined)
    return new AuthError('The store requires a secret, and this client has none');
  // Otherwise a process impersonating the store could skip the check of the secret.
  if (!wantsSecret && secret !== undefined)
    return new AuthError('The client has a secret, but the store does not require one');
  return undefined;
}

function loginProblem(verdict: Buffer, expected: Buffer, place: ShardPlace | undefined): Error | undefined {
  switch (verdict[0]) {
    case loginResults.welcome:
      return isSameProof(verdict.subarray(1, 33), expected)
        ? undefined
        : new AuthError('The store could not prove that it knows the secret');
    case loginResults.wrongSecret:
      return new AuthError('The store refused the secret');
    case loginResults.wrongVersion:
      return new InvalidFrameError(
        `The store does not speak version ${wireVersion} of the link protocol: both ends need the same version of ndata-store`,
        { field: 'version' },
      );
    case loginResults.wrongPlace:
      return new InvalidOptionsError(
        `The store is ${placeText(decodePlace(verdict, 1))} for its other clients, and ${placeText(place)} for this one: all must name the same stores in the same way`,
        { option: 'shards' },
      );
    case loginResults.full:
      return new StoreUnavailableError('The store is full (`maxClients`)');
    default:
      return new InvalidFrameError('The store sent an unknown login response', { field: 'verdict' });
  }
}

function placeText(place: ShardPlace | undefined): string {
  return place === undefined ? 'the only shard' : `shard ${place.index + 1} of ${place.count}`;
}
