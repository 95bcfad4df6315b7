/** Where the contents are kept that are too large for Redis. Types only: FileBlobStore is one for a folder, others can be written. */

/**
 * All workers and all that enqueue need the same one: a folder that they share, or a bucket. Ids are made of `A-Z a-z 0-9 . _ -`, at
 * most 160 characters, and never used twice; the SHA-256 of the content is part of each.
 */
export interface BlobStore {
  /** Resolves when the content is durable. */
  put(id: string, content: Uint8Array): Promise<void>;
  /** Rejects when there is none of that id. What it gives is held against its SHA-256 before it is sent. */
  get(id: string): Promise<Uint8Array>;
  /** Resolves too when there is none. */
  delete(id: string): Promise<void>;
  /** The ids of those that were put at least so long ago. */
  list(options: { readonly olderThanMs: number }): AsyncIterable<string>;
}
