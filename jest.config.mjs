const transform = {
  '^.+\\.tsx?$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: false },
      },
      module: { type: 'es6' },
    },
  ],
};

const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform,
  // The Rust build folder holds thousands of files that no test imports.
  modulePathIgnorePatterns: ['<rootDir>/native/target', '/dist/'],
};

/**
 * `unit` beside the sources, `e2e` with every real component started for the test, `conformance` with recorded
 * conversations played to the real gateway, and a short run of the fuzzers, `deploy` with what is installed by others:
 * rendered, validated and asked by the real tools.
 */
export default {
  // No test asserts a time: this ends one that hangs, on the slowest of machines.
  testTimeout: 120_000,
  projects: [
    { ...base, displayName: 'unit', testRegex: '(apps|libs)/.*\\.test\\.ts$' },
    { ...base, displayName: 'conformance', testRegex: 'test/(conformance|fuzz)/.*\\.test\\.ts$' },
    { ...base, displayName: 'deploy', testRegex: 'test/deploy/.*\\.test\\.ts$' },
    { ...base, displayName: 'e2e', testRegex: 'test/(e2e|chaos|attack|harness)/.*\\.test\\.ts$' },
  ],
};
