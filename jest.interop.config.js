import base from './jest.config.js';

/** Real servers (test/interop/run.sh). One worker: the servers themselves use the other processor. */
/** @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/interop'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 60_000,
};
