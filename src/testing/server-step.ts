/**
 * What a server does next, as a value. Every form of script, transcript or behaviour, ends as a list of these, and one
 * function performs them.
 */

/**
 * Whose reply the bytes carry.
 * - `in-turn`: that of the oldest command without a reply.
 * - `early`: that of the next command to arrive.
 * - `surplus`: nobody's. The client may take it for an answer; the records do not.
 */
export type Addressee = 'in-turn' | 'early' | 'surplus';

/** How the output is cut into separate writes. */
export type Chunking =
  | { readonly sizeBytes: number; readonly everyMs?: number }
  | { readonly at: readonly number[]; readonly everyMs?: number };

/** See docs/testing.md for what each does. */
export type ServerStep =
  | { readonly kind: 'send'; readonly bytes: Buffer; readonly addressee: Addressee }
  | { readonly kind: 'repeat'; readonly times: number; readonly bytes: Buffer }
  | { readonly kind: 'hold'; readonly name: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'chunk'; readonly chunking: Chunking | undefined }
  | { readonly kind: 'close' | 'reset' | 'starttls' | 'pause' | 'resume' | 'cork' | 'uncork' | 'flush' | 'listen' };
