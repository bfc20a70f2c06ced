import type { ChangeObserver, Changes } from '../data/changes.js';
import type { ExpiryEntry, ExpiryNode } from '../data/expiry-heap.js';
import type { Branch } from '../data/tree-node.js';
import type { KeptData } from './apply-effects.js';
import type { BranchContent } from './node-codec.js';
import { stateOfStream } from './state-records.js';
import type { StreamState } from './state-records.js';

interface FrozenBranch extends BranchContent {
  /** Approximate memory of the branch, including everything beneath it, in bytes. */
  readonly bytes: number;
}

export interface FrozenExpiry {
  readonly entry: ExpiryEntry | undefined;
  readonly children: readonly ExpiryNode[];
}

/**
 * A copy-on-write view of the data at one moment. Only the direct content of a branch is copied when it first changes,
 * not its subtree, so no change has to wait for a full traversal.
 */
export class FrozenData implements ChangeObserver {
  readonly top: Branch;
  readonly expiries: ExpiryNode;
  readonly channels: readonly string[];
  readonly #data: KeptData;
  readonly #changes: Changes;
  readonly #moment: number;
  /** Copies of branches that have changed before they were taken. */
  readonly #branches = new Map<Branch, FrozenBranch>();
  readonly #expiryNodes = new Map<ExpiryNode, FrozenExpiry>();
  readonly #streams = new Map<string, StreamState | undefined>();
  readonly #takenStreams = new Set<string>();

  /** Freezes the data as of now. */
  constructor(data: KeptData, changes: Changes) {
    this.#data = data;
    this.#changes = changes;
    this.top = data.tree.top;
    this.expiries = data.expiry.top;
    this.channels = data.streams.channels();
    this.#moment = changes.observe(this);
  }

  /** Stops observing the data. */
  end(): void {
    this.#changes.unobserve(this);
  }

  beforeBranch(branch: Branch): void {
    if (branch.moment === this.#moment) return;
    branch.moment = this.#moment;
    this.#branches.set(branch, freezeBranch(branch));
  }

  beforeExpiry(node: ExpiryNode): void {
    if (node.moment === this.#moment) return;
    node.moment = this.#moment;
    this.#expiryNodes.set(node, freezeExpiry(node));
  }

  beforeStreamWrite(channel: string): void {
    if (this.#takenStreams.has(channel) || this.#streams.has(channel)) return;
    const stream = this.#data.streams.get(channel);
    this.#streams.set(channel, stream && stateOfStream(stream));
  }

  /** Approximate memory of a branch at the moment of the snapshot, in bytes. Valid until the branch is taken. */
  bytesOf(branch: Branch): number {
    return this.#branches.get(branch)?.bytes ?? branch.bytes;
  }

  /** The content of a branch at the moment of the snapshot. Call it once for each branch. */
  takeBranch(branch: Branch): BranchContent {
    const frozen = this.#branches.get(branch) ?? freezeBranch(branch);
    branch.moment = this.#moment;
    this.#branches.delete(branch);
    return frozen;
  }

  takeExpiry(node: ExpiryNode): FrozenExpiry {
    const frozen = this.#expiryNodes.get(node) ?? freezeExpiry(node);
    node.moment = this.#moment;
    this.#expiryNodes.delete(node);
    return frozen;
  }

  takeStream(channel: string): StreamState | undefined {
    this.beforeStreamWrite(channel);
    const state = this.#streams.get(channel);
    this.#streams.delete(channel);
    this.#takenStreams.add(channel);
    return state;
  }
}

function freezeBranch(branch: Branch): FrozenBranch {
  const { bytes } = branch;
  if (branch.isList) return { keys: undefined, nodes: [...branch.items], wasList: false, bytes };
  const { entries, wasList } = branch;
  return { keys: [...entries.keys()], nodes: [...entries.values()], wasList, bytes };
}

function freezeExpiry({ entry, children }: ExpiryNode): FrozenExpiry {
  return { entry, children: children === undefined ? [] : [...children.values()] };
}
