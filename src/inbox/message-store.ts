/** The messages of an inbox, in the order of arrival. One rule: it never holds more than it was allowed to; the oldest go first. */
import { octetsOf, type InboxMessage } from './inbox-message.js';

export type StoreEvent =
  | { readonly type: 'added'; readonly message: InboxMessage }
  /** Deleted by somebody, or the oldest one that had to go. */
  | { readonly type: 'removed'; readonly ids: readonly number[] };

export interface StoreLimits {
  readonly maxMessages: number;
  readonly maxOctets: number;
}

export class MessageStore {
  readonly #limits: StoreLimits;
  readonly #byId = new Map<number, InboxMessage>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #octets = 0;
  #lastId = 0;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  /** The oldest first. */
  get messages(): readonly InboxMessage[] {
    return [...this.#byId.values()];
  }

  get octets(): number {
    return this.#octets;
  }

  /** A number that no message has had. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  get(id: number): InboxMessage | undefined {
    return this.#byId.get(id);
  }

  add(message: InboxMessage): void {
    this.#byId.set(message.id, message);
    this.#octets += octetsOf(message);
    const removed: number[] = [];
    for (const oldest of this.#byId.values()) {
      if (this.#byId.size <= this.#limits.maxMessages && this.#octets <= this.#limits.maxOctets) break;
      // The newest one stays, even if what was decoded from it weighs more than all may: its sender was told that it is kept.
      if (oldest.id === message.id) break;
      this.#drop(oldest);
      removed.push(oldest.id);
    }
    this.#tell({ type: 'added', message });
    if (removed.length > 0) this.#tell({ type: 'removed', ids: removed });
  }

  /** Whether it was there. */
  delete(id: number): boolean {
    const message = this.#byId.get(id);
    if (message === undefined) return false;
    this.#drop(message);
    this.#tell({ type: 'removed', ids: [id] });
    return true;
  }

  /** How many there were. */
  clear(): number {
    const ids = [...this.#byId.keys()];
    this.#byId.clear();
    this.#octets = 0;
    if (ids.length > 0) this.#tell({ type: 'removed', ids });
    return ids.length;
  }

  /** Calls `listener` after each change; the result ends that. */
  listen(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #drop(message: InboxMessage): void {
    this.#byId.delete(message.id);
    this.#octets -= octetsOf(message);
  }

  #tell(event: StoreEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
