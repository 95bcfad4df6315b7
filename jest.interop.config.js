import base from './jest.config.js';

/** Real servers (test/interop/run.sh). Two workers: most of the time is spent in waiting for a server. */
/** @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/interop'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 2,
  testTimeout: 60_000,
};
