/** The used part of the V8 CPU profile format (`--cpu-prof`). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  /** Id of the node running at each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A function in the call tree, called by its parent frame. */
export interface Frame {
  readonly name: string;
  readonly url: string;
  /** Microseconds in the function and its callees. */
  time: number;
  readonly children: Map<string, Frame>;
}

/** Frames that are not work of the server, such as idle time. */
const ignored = new Set(['(idle)', '(root)']);

/**
 * Builds the call tree of a profile, limited to the samples between the given shares of its duration, so that startup
 * and connecting are excluded.
 */
export function profileTree(profile: CpuProfile, from: number, to: number): Frame {
  const total = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const times = new Map<number, number>();
  let clock = 0;
  profile.samples.forEach((node, index) => {
    const delta = profile.timeDeltas[index] ?? 0;
    clock += delta;
    if (clock >= total * from && clock <= total * to) times.set(node, (times.get(node) ?? 0) + delta);
  });
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const root: Frame = { name: 'all', url: '', time: 0, children: new Map() };

  const visit = (id: number, parent: Frame): number => {
    const node = nodes.get(id);
    if (node === undefined) return 0;
    const { functionName, url } = node.callFrame;
    const isIgnored = ignored.has(functionName);
    const frame = isIgnored ? parent : childOf(parent, functionName === '' ? '(anonymous)' : functionName, url);
    let time = functionName === '(idle)' ? 0 : (times.get(id) ?? 0);
    for (const child of node.children ?? []) time += visit(child, frame);
    if (!isIgnored) frame.time += time;
    return time;
  };
  const first = profile.nodes[0];
  root.time = first === undefined ? 0 : visit(first.id, root);
  return root;
}

function childOf(parent: Frame, name: string, url: string): Frame {
  const key = `${name} ${url}`;
  let child = parent.children.get(key);
  if (child === undefined) parent.children.set(key, (child = { name, url, time: 0, children: new Map() }));
  return child;
}
