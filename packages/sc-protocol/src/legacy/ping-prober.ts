import type { Codec, WireMessage } from '../codec.js';
import type { Dialect } from '../dialects/dialect.js';
import { dialects } from '../dialects/index.js';
import type { HandshakeFrame } from '../frames.js';

/** Options of a ping prober. */
export interface PingProberOptions {
  /** Protocol version set by the operator: `1` or `2` fixes the dialect, `'auto'` detects it. @default 'auto' */
  readonly protocolVersion?: 'auto' | 1 | 2;
  /** The dialect, where something else has told it: nothing is found out then. */
  readonly dialect?: Dialect;
  /** The codec, when it makes bytes of frames: early clients of protocol v1 then expect their ping through it. */
  readonly binaryCodec?: Codec | undefined;
  /** Findings of another prober with the same options about the client. */
  readonly found?: PingProberState;
}

/** Findings of a prober: serializable, for another process that goes on with the client. */
export interface PingProberState {
  /** Rounds of pings that were sent while the dialect was unknown. */
  readonly rounds: number;
  /** Which of all forms the client answered; -1 for none so far. */
  readonly settled: number;
}

/** Finds out which dialect a client speaks by the ping that it answers. One for each socket. */
export interface PingProber {
  /** The dialect once it is settled; until then frames go out in the default one. */
  readonly dialect: Dialect | undefined;
  /** Settles `v2` for a client that announces itself or its features. */
  noteHandshake(frame: HandshakeFrame): void;
  /** Pings to send now, each as a separate message: once after the handshake, then once per ping interval. */
  pings(): readonly WireMessage[];
  /** Whether this text, received as such or decoded from bytes, is a pong. The first one settles the dialect. */
  isPong(value: unknown): boolean;
  /** For the option `found` of the next prober. */
  save(): PingProberState;
}

interface PingForm {
  readonly dialect: Dialect;
  readonly ping: WireMessage;
}

/**
 * An unknown ping is harmless: the client surfaces it as one `raw` or `message` event. So every form is sent once, and
 * nothing more until one of them is answered. With a codec that makes bytes, early clients stumble over text, so there
 * the forms go out one per interval, and text only when the encoded one was not answered.
 */
export function createPingProber(options: PingProberOptions = {}): PingProber {
  const all = formsToTry(options);
  const { rounds, settled: known } = options.found ?? { rounds: 0, settled: -1 };
  let unsent = all.slice(rounds);
  let sent: readonly PingForm[] = all.slice(0, rounds).reverse().flat();
  let settled = all.flat()[known] ?? (all.flat().length === 1 ? all[0]?.[0] : undefined);

  return {
    get dialect() {
      return settled?.dialect ?? (options.protocolVersion === 1 ? dialects.v1 : undefined);
    },
    noteHandshake({ client, features }) {
      if (client === undefined && features.length === 0) return;
      settled = all.flat().find(({ ping }) => ping === dialects.v2.ping) ?? {
        dialect: dialects.v2,
        ping: dialects.v2.ping,
      };
      unsent = [];
    },
    pings() {
      if (settled) return [settled.ping];
      const [round = [], ...later] = unsent;
      unsent = later;
      sent = [...round, ...sent];
      return round.map(({ ping }) => ping);
    },
    isPong(value) {
      if (settled && settled.dialect.pong === value) return true;
      const answered = sent.find(({ dialect }) => dialect.pong === value);
      // Text that looks like an early pong may be an application's own; an empty one never is, so it may correct.
      if (answered && (settled === undefined || answered.dialect === dialects.v2)) settled = answered;
      return answered !== undefined;
    },
    save: () => ({
      rounds: all.length - unsent.length,
      settled: settled === undefined ? -1 : all.flat().indexOf(settled),
    }),
  };
}

/** The forms in the rounds in which they are sent. */
function formsToTry(options: PingProberOptions): readonly (readonly PingForm[])[] {
  const { protocolVersion = 'auto', binaryCodec, dialect } = options;
  const { v2, v1, v0 } = dialects;
  const text = (one: Dialect): PingForm => ({ dialect: one, ping: one.ping });
  if (dialect !== undefined) return [[text(dialect)]];
  if (protocolVersion === 2) return [[text(v2)]];
  if (!binaryCodec) return protocolVersion === 1 ? [[text(v1)]] : [[text(v2), text(v1), text(v0)]];
  const encoded = { dialect: v1, ping: bytesOf(binaryCodec.encode(v1.ping)) };
  return protocolVersion === 1 ? [[encoded], [text(v1)]] : [[encoded], [text(v2)], [text(v1)]];
}

function bytesOf(message: WireMessage | ArrayBuffer): WireMessage {
  return message instanceof ArrayBuffer ? new Uint8Array(message) : message;
}
