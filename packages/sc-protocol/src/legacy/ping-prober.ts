import type { Codec, WireMessage } from '../codec.js';
import type { Dialect } from '../dialects/dialect.js';
import { dialects } from '../dialects/index.js';
import type { HandshakeFrame } from '../frames.js';

/** Options of a ping prober. */
export interface PingProberOptions {
  /** Protocol version set by the operator: `1` or `2` fixes the dialect, `'auto'` detects it. @default 'auto' */
  readonly protocolVersion?: 'auto' | 1 | 2;
  /** The dialect, if already known: no probing then. */
  readonly dialect?: Dialect;
  /** The codec, if it produces bytes: early clients of protocol v1 then expect their ping encoded by it. */
  readonly binaryCodec?: Codec | undefined;
  /** State of another prober with the same options for the same client. */
  readonly found?: PingProberState;
}

/** Serializable state of a prober, so that another process can continue with the client. */
export interface PingProberState {
  /** Number of ping rounds sent while the dialect was unknown. */
  readonly rounds: number;
  /** Index of the form that the client answered; -1 for none so far. */
  readonly settled: number;
}

/** Detects the dialect of a client by the ping that it answers. One per socket. */
export interface PingProber {
  /** The dialect once settled; until then frames are sent in the default one. */
  readonly dialect: Dialect | undefined;
  /** Settles `v2` for a client that announces itself or its features. */
  noteHandshake(frame: HandshakeFrame): void;
  /** Pings to send now, each as a separate message: once after the handshake, then once per ping interval. */
  pings(): readonly WireMessage[];
  /** Whether this text, received as text or decoded from bytes, is a pong. The first pong settles the dialect. */
  isPong(value: unknown): boolean;
  /** State for the option `found` of the next prober. */
  save(): PingProberState;
}

interface PingForm {
  readonly dialect: Dialect;
  readonly ping: WireMessage;
}

/**
 * An unknown ping is harmless: the client emits it as one `raw` or `message` event. So every form is sent once, and
 * nothing more until one of them is answered. With a binary codec, early clients fail on text, so the forms are sent
 * one per interval, and text only if the encoded form was not answered.
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
      // Text that looks like an early pong may be application data. An empty text never is, so it may override.
      if (answered && (settled === undefined || answered.dialect === dialects.v2)) settled = answered;
      return answered !== undefined;
    },
    save: () => ({
      rounds: all.length - unsent.length,
      settled: settled === undefined ? -1 : all.flat().indexOf(settled),
    }),
  };
}

/** The forms by round, in sending order. */
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
