import js from '@eslint/js';
import globals from 'globals';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

const nodeGlobals = ['process', 'Buffer', 'setImmediate', 'clearImmediate', '__dirname', '__filename', 'require'];
const domGlobals = ['window', 'document', 'localStorage', 'navigator', 'location'];

/** Plain JavaScript: examples, templates, scripts and what tests start. Without type information. */
const scripts = ['**/*.js', '**/*.mjs', '**/*.cjs', '**/*.jsx'];
/** Scripts that pages load. */
const pages = ['**/public/**', 'docs/site/assets/**', 'examples/react/src/**'];
/** TypeScript that belongs to no project of the repository: configuration of tools, and the template of an app. */
const looseTypes = ['**/*.config.ts', '*.ts', '**/templates/**/*.ts', 'packages/sc-release/test/typed-app.mts'];

/** Code as others published it, and files whose syntax is wrong on purpose. */
const verbatim = ['packages/sc-server/test/serving/snippets/*.cjs', 'packages/sc-server/test/**/syntax-error.*'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', ...looseTypes, ...verbatim] },
  {
    files: scripts,
    extends: [js.configs.recommended],
    languageOptions: {
      globals: globals.node,
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      eqeqeq: ['error', 'always'],
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
    },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  { files: pages, languageOptions: { globals: { ...globals.browser, socketCluster: 'readonly' } } },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-imports': ['error', { paths: ['vm', 'node:vm'] }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Options are interfaces derived from the table that declares them.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['packages/*/src/**'],
    ignores: ['packages/{sc-testkit,sc-bench,sc-interop,sc-release}/**'],
    rules: {
      // Published code never evaluates text as code or runs it in a shell.
      'no-implied-eval': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            'vm',
            'node:vm',
            ...['child_process', 'node:child_process'].map((name) => ({
              name,
              importNames: ['exec', 'execSync', 'default'],
              message: 'A shell reads what it is given: use spawn or execFile, with a list of arguments.',
            })),
          ],
        },
      ],
    },
  },
  {
    files: ['packages/{sc-protocol,sc-channel,sc-client,sc-react}/src/**'],
    ignores: ['packages/sc-client/src/node/**'],
    rules: { 'no-restricted-globals': ['error', ...nodeGlobals] },
  },
  {
    files: ['packages/{sc-server,sc-balancer,sc-worker-pool,ndata-store,sc-cli}/src/**'],
    rules: { 'no-restricted-globals': ['error', ...domGlobals] },
  },
  {
    files: ['**/test/**/*.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect', 'expect*', 'assert*', 'fc.assert', '**.assert'] },
      ],
      'jest/no-conditional-expect': 'off',
      'jest/no-standalone-expect': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
);
