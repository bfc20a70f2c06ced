import type { PoolMember } from 'sc-worker-pool';
import type { ToWorker, WorkerDelivery } from '../children/messages.js';

export type WorkerMember = PoolMember<ToWorker>;

/** Delivers connections to the workers of a cluster. The supervisor always owns the listening port. */
export interface Delivery {
  /** The port in use; `undefined` before it listens. */
  readonly port: number | undefined;
  /** Opens the port. Connections wait until there is a worker. Rejects if the port cannot be opened. */
  listen(): Promise<void>;
  /** Starts the balancers, if any. Rejects with `StartError`. */
  start(): Promise<void>;
  /** Returns the settings with which a worker receives connections. */
  forWorker(id: number, generation: number): WorkerDelivery;
  /** Starts sending connections to the worker. */
  addWorker(member: WorkerMember): void;
  /** Stops offering connections to the worker; it may still accept connections offered before. */
  drainWorker(member: WorkerMember): void;
  /** Notifies the delivery that the open connections of one worker are moving to another one. */
  beginMoves(from: WorkerMember, to: WorkerMember): void;
  /** Counts a connection that has moved to this worker. */
  countMoved(to: WorkerMember): void;
  /**
   * Removes a worker that has exited. Connections that it has not acknowledged are offered to another worker.
   * Idempotent.
   */
  removeWorker(member: WorkerMember): void;
  /** Handles a worker's message about a connection handed to it. */
  handleWorkerMessage(member: WorkerMember, message: unknown): void;
  /** Stops accepting connections and closes the port; delivered connections stay open. */
  stopListening(): Promise<void>;
  /** Stops the balancers, if any, within this time. Call it after the workers have finished. */
  close(withinMs: number): Promise<void>;
}
