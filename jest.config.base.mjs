import { leftOutPatterns } from './.scripts/lib/lanes.mjs';

const leftOut = leftOutPatterns();

/** Shared by every package: ESM mode, TypeScript stripped by swc, one result file for the counts. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...leftOut],
  // A short run may leave out all tests of a package.
  passWithNoTests: leftOut.length > 0,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  testTimeout: 30_000,
  openHandlesTimeout: 5_000,
  errorOnDeprecated: true,
};
