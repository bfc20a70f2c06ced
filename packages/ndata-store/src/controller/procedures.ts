import type { Buffer } from 'node:buffer';
import { HandlerError, InvalidArgumentsError, NoHandlerError, ScError, StoreError } from 'sc-protocol';
import type { ReadyReply } from '../core/command.js';
import { decodeStored, encodeStored } from '../values.js';
import type { StoredValue } from '../values.js';
import { createDataMap } from './data-map.js';
import type { DataMap } from './data-map.js';
import { runQueryFunction } from './query-function.js';
import type { StoreCore } from '../core/store-core.js';

/** The context of a procedure. */
export interface ProcedureContext {
  /** The data of the store, with synchronous commands. */
  readonly dataMap: DataMap;
  /** Publishes after the procedure has succeeded. Throws immediately for data that cannot be published. */
  readonly publish: (channel: string, data?: unknown) => void;
}

/**
 * A named operation that runs atomically inside the store: all of its writes take effect, or none if it throws. It must
 * not be async. An exception reaches the caller only if it is an error of the registry.
 */
export type Procedure = (data: unknown, context: ProcedureContext) => unknown;

/** A publication with its encoded data. */
export interface EncodedPublication {
  readonly channel: string;
  readonly payload: Buffer;
}

/** Runs the procedures of a store, and the functions sent by clients. */
export class Procedures {
  readonly #core: StoreCore;
  readonly #procedures = new Map<string, Procedure>();
  readonly #context: ProcedureContext;

  /** `encode` throws for data that cannot be published. */
  constructor(core: StoreCore, encode: (channel: string, data: unknown) => EncodedPublication) {
    this.#core = core;
    this.#context = {
      dataMap: createDataMap(core),
      publish: (channel, data) => {
        // Encode now: an invalid value must roll back the writes, and the data may change later.
        const encoded = encode(channel, data);
        core.afterwards(() => void core.publish(encoded.channel, encoded.payload, false, false));
      },
    };
  }

  define(name: string, procedure: Procedure): void {
    if (typeof procedure !== 'function') throw new InvalidArgumentsError('A procedure must be a function');
    if (this.#procedures.has(name)) throw new InvalidArgumentsError(`Procedure "${name}" already exists`);
    this.#procedures.set(name, procedure);
  }

  invoke(name: string, data: StoredValue): ReadyReply {
    const procedure = this.#procedures.get(name);
    if (procedure === undefined) throw new NoHandlerError(`The store has no procedure "${name}"`);
    const argument = data === '' ? undefined : decodeStored(data);
    return this.#core.atomically(() => toReply(procedure(argument, this.#context), `The procedure "${name}"`));
  }

  runSource(call: StoredValue, baseKeys: readonly string[]): ReadyReply {
    const { source, data } = decodeStored(call) as { source?: unknown; data?: unknown };
    if (typeof source !== 'string') throw new InvalidArgumentsError('A function must be sent as its source text');
    const dataMap = createDataMap(this.#core, baseKeys);
    return this.#core.atomically(() => {
      try {
        const channelMap = { hasKey: (channel: string) => this.#core.topics.has(channel) };
        const result = runQueryFunction(
          source,
          data,
          [dataMap, dataMap, channelMap],
          this.#core.options.queryTimeoutMs,
        );
        return toReply(result, 'The function');
      } catch (error) {
        if (error instanceof ScError) throw error;
        if (isTimeout(error)) this.#core.limitHits.hit('queryTimeout');
        throw new StoreError(`The function failed: ${messageOf(error)}`, undefined, { cause: error });
      }
    });
  }
}

function toReply(result: unknown, who: string): ReadyReply {
  if (isThenable(result)) {
    // The function continues to run. Handle its rejection, which would otherwise end the process.
    Promise.resolve(result).catch(() => undefined);
    throw new HandlerError(`${who} must not be async: nothing may run between its commands`);
  }
  return result === undefined ? undefined : encodeStored(result);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isTimeout(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** Errors of the function's own realm are not instances of this realm's `Error`. */
function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
  return typeof message === 'string' ? message : 'it threw something that is no error';
}
