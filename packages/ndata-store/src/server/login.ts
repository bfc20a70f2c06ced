import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { onDeadline } from '../deadline.js';
import { wireVersion } from '../wire/frame.js';
import {
  answerBytes,
  greetingBytes,
  isSameProof,
  loginHead,
  encodeLimits,
  loginProof,
  loginResultBytes,
  magic,
  nonceBytes,
  loginResults,
  placeOf,
  encodePlace,
  versionBytes,
  type ShardPlace,
} from '../wire/login.js';

/** Milliseconds before the reply to a wrong secret, to slow down guessing. */
const refusalDelayMs = 100;

export interface LoginOptions {
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  /** Maximum size of a frame that the store accepts, in bytes. */
  readonly maxFrameBytes: number;
  /** Whether there is room for one more client. */
  readonly hasRoom: () => boolean;
  /** Returns the place that the connected clients use for the store, if it differs from the given place. */
  readonly otherPlace: (place: ShardPlace | undefined) => ShardPlace | undefined;
  /** The client is refused because of this limit. */
  readonly onRefusal: (limit: 'authFailures' | 'clients' | 'loginTimeout') => void;
  /** The client uses this protocol version, which differs from that of the store. */
  readonly onForeignVersion: (version: number) => void;
  /** The client is authenticated. `rest` holds the bytes received after its login. */
  readonly onWelcome: (rest: Buffer, place: ShardPlace | undefined) => void;
}

/** Authenticates a client. No other data from the client is processed before. */
export function acceptLogin(socket: Socket, options: LoginOptions): void {
  const { secret } = options;
  const storeNonce = randomBytes(nonceBytes);
  let received: Buffer = Buffer.alloc(0);

  const finish = (): void => {
    stopTimer();
    socket.off('data', onData).off('close', finish);
  };
  const refuse = (verdict: number, details: Buffer = Buffer.alloc(0)): void => {
    finish();
    const result = Buffer.concat([Buffer.from([verdict]), details, Buffer.alloc(36)]).subarray(0, loginResultBytes);
    socket.end(result, () => socket.destroy());
  };
  const onData = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (!magic.subarray(0, received.length).equals(received.subarray(0, magic.length))) {
      options.onRefusal('authFailures');
      finish();
      socket.destroy();
      return;
    }
    const version = received[versionBytes - 1];
    if (version !== undefined && version !== wireVersion) {
      // The length of the rest depends on that version.
      options.onForeignVersion(version);
      refuse(loginResults.wrongVersion);
      return;
    }
    if (received.length < answerBytes) return;
    socket.off('data', onData);
    const clientNonce = received.subarray(6, greetingBytes);
    const place = placeOf(received);
    const otherPlace = options.otherPlace(place);
    if (
      !isSameProof(received.subarray(greetingBytes, answerBytes), loginProof('client', secret, storeNonce, clientNonce))
    ) {
      options.onRefusal('authFailures');
      stopTimer();
      const timer = setTimeout(() => refuse(loginResults.wrongSecret), refusalDelayMs);
      stopTimer = () => clearTimeout(timer);
      // Keep reading and discard the data; otherwise the end of the connection is not detected.
      socket.resume();
    } else if (!options.hasRoom()) {
      options.onRefusal('clients');
      refuse(loginResults.full);
    } else if (otherPlace !== undefined) {
      options.onRefusal('authFailures');
      refuse(loginResults.wrongPlace, encodePlace(otherPlace));
    } else {
      finish();
      const limits = encodeLimits(options.maxFrameBytes);
      const proof = loginProof('store', secret, storeNonce, clientNonce, limits);
      socket.write(Buffer.concat([Buffer.from([loginResults.welcome]), proof, limits]));
      options.onWelcome(received.subarray(answerBytes), place);
    }
  };
  let stopTimer = onDeadline(performance.now() + options.timeoutMs, options.timeoutMs, () => {
    options.onRefusal('loginTimeout');
    finish();
    socket.destroy();
  });
  socket.on('data', onData);
  socket.on('close', finish);
  socket.write(loginHead(wireVersion, secret === undefined ? 0 : 1, storeNonce));
}
