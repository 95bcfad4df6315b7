/** The public surface: explicit named exports. */
export * from './errors.js';
export type * from './types.js';
