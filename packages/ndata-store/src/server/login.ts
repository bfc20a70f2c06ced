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

/** Milliseconds before a wrong secret is answered, so that guessing takes time. */
const refusalDelayMs = 100;

export interface LoginOptions {
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  /** Longest frame that the store takes. */
  readonly maxFrameBytes: number;
  /** Whether there is room for one more client. */
  readonly hasRoom: () => boolean;
  /** The place by which other clients know the store, if this one knows it by another. */
  readonly otherPlace: (place: ShardPlace | undefined) => ShardPlace | undefined;
  /** It is turned away, for this limit. */
  readonly onRefusal: (limit: 'authFailures' | 'clients' | 'loginTimeout') => void;
  /** The client speaks this version of the protocol, and the store another. */
  readonly onForeignVersion: (version: number) => void;
  /** The client may give commands. `rest` came behind its login. */
  readonly onWelcome: (rest: Buffer, place: ShardPlace | undefined) => void;
}

/** Authenticates a client. Data that it sends is not processed before. */
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
      // The length of the rest is that version's business.
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
      // Read on and drop, or its end would go unnoticed.
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
