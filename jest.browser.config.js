import base from './jest.config.js';

/** The inbox's page in Chromium (test/browser/run.sh). One worker: the browser itself uses the other processor. */
/** @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 60_000,
};
