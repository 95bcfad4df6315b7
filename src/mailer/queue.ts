/** First in, first out, and out of the middle, each in constant time: an aborted message must not cost a walk over the others. */

interface Link<T> {
  readonly item: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

export class Queue<T extends object> {
  readonly #links = new Map<T, Link<T>>();
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get length(): number {
    return this.#links.size;
  }

  /** Puts an item at the end. It must not be in the queue already. */
  push(item: T): void {
    const link: Link<T> = { item, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#links.set(item, link);
  }

  /** Puts an item in front of all others. It must not be in the queue already. */
  unshift(item: T): void {
    const link: Link<T> = { item, before: undefined, after: this.#first };
    if (this.#first === undefined) this.#last = link;
    else this.#first.before = link;
    this.#first = link;
    this.#links.set(item, link);
  }

  shift(): T | undefined {
    const item = this.#first?.item;
    if (item !== undefined) this.remove(item);
    return item;
  }

  /** Whether it was there. */
  remove(item: T): boolean {
    const link = this.#links.get(item);
    if (link === undefined) return false;
    this.#links.delete(item);
    if (link.before === undefined) this.#first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) this.#last = link.before;
    else link.after.before = link.before;
    // What left the queue points at nobody in it: one link that lives for long would keep alive all that came after it.
    link.before = link.after = undefined;
    return true;
  }

  /** Empties the queue, and gives what was in it, in order. */
  takeAll(): readonly T[] {
    const items: T[] = [];
    for (let link = this.#first; link !== undefined; link = link.after) items.push(link.item);
    this.#links.clear();
    this.#first = this.#last = undefined;
    return items;
  }
}
