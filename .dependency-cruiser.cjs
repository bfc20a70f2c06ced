// The layers of docs/architecture.md. A package imports only from rows below it; siblings never import each other.
const rows = [
  ['sc-protocol'],
  ['sc-channel', 'sc-worker-pool', 'sc-balancer'],
  ['sc-client', 'ndata-store'],
  ['sc-server', 'sc-react'],
  [],
  ['sc-cli'],
];
const forbidden = [];
rows.forEach((row, level) => {
  const above = rows.slice(level).flat();
  for (const name of row) {
    const others = above.filter((other) => other !== name);
    if (others.length === 0) continue;
    forbidden.push(
      {
        name: `${name}-imports-only-from-rows-below`,
        severity: 'error',
        from: { path: `^packages/${name}/src/` },
        to: { path: `^packages/(${others.join('|')})/` },
      },
      {
        name: `${name}-names-only-rows-below`,
        severity: 'error',
        from: { path: `^packages/${name}/src/` },
        to: { path: `^(${others.join('|')})(/|$)` },
      },
    );
  }
});
const browserSafe = '^packages/(sc-protocol|sc-channel|sc-client|sc-react)/src/(?!node/)';

module.exports = {
  forbidden: [
    ...forbidden,
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-cycles-of-types',
      comment: 'Merge files whose types depend on each other, or put an interface between them.',
      severity: 'error',
      from: { path: `^packages/(${rows.flat().join('|')})/src/` },
      to: { circular: true },
    },
    {
      name: 'browser-packages-have-no-node',
      severity: 'error',
      from: { path: browserSafe },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the-product-needs-no-testkit',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/sc-(testkit|bench|interop)/' },
      to: { path: '(^|/)sc-(testkit|bench)(/|$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|templates|node_modules/\\.pnpm)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
