// Suites that need more than `npm ci` have commands of their own: test:interop (real servers), test:corpus (the messages in
// ../shared), check:package (the packed package), test:peers (other parsers of addresses). Each passes its folder and
// --testPathIgnorePatterns=/node_modules/.
const suitesWithTheirOwnCommand = [
  '/test/interop/',
  '/test/corpus/',
  '/test/package/',
  '/test/browser/',
  '/test/examples/',
  '/differential/peers/',
];

// The nightly run tries more cases of each property.
const { POSTHASTE_PROPERTY_RUNS: propertyRuns } = process.env;

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...suitesWithTheirOwnCommand],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^posthaste$': '<rootDir>/src/index.ts',
    '^posthaste/testing$': '<rootDir>/src/testing/index.ts',
    '^posthaste/inspect$': '<rootDir>/src/inspect/index.ts',
    '^posthaste/inbox$': '<rootDir>/src/inbox/index.ts',
    '^posthaste/outbox$': '<rootDir>/src/outbox/index.ts',
    '^posthaste/bullmq$': '<rootDir>/src/bullmq/index.ts',
    '^posthaste/nodemailer$': '<rootDir>/src/nodemailer/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: { isolatedModules: true, allowJs: false } }] },
  setupFiles: propertyRuns === undefined ? [] : ['<rootDir>/test/property-runs.ts'],
  watchman: false,
  maxWorkers: '100%',
  // A test that hangs ends here; a slow machine is no fault.
  testTimeout: 30_000,
};
