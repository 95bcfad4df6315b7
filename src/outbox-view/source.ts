/** What the overview and the page need of an outbox: an Outbox that was opened without a mailer is one. Types only. */
import type { OutboxEntry, OutboxState } from '../outbox/index.js';

export interface OutboxSource {
  list(options?: { readonly state?: OutboxState }): AsyncIterable<OutboxEntry>;
  get(id: string): Promise<OutboxEntry | undefined>;
  retryNow(id: string): Promise<OutboxEntry>;
  cancel(id: string): Promise<OutboxEntry>;
}
