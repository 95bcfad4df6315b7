/**
 * First in, first out, and out of the middle, each in constant time: an aborted message must not cost a walk over the others. Who puts
 * something in gets its place, to take it out again. There is no Map from items to places: one that things pass through for long keeps
 * them alive behind it, until the collector looks at all memory.
 */

/** Where an item stands in a queue. It is worth nothing when the item has left. */
export interface Place {
  /** The queue in which it is, if it is in one. */
  readonly queue: unknown;
}

class Link<T> implements Place {
  readonly item: T;
  queue: Queue<T> | undefined;
  before: Link<T> | undefined = undefined;
  after: Link<T> | undefined = undefined;

  constructor(item: T, queue: Queue<T>) {
    this.item = item;
    this.queue = queue;
  }
}

export class Queue<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Puts an item at the end. */
  push(item: T): Place {
    const link = new Link(item, this);
    link.before = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#length += 1;
    return link;
  }

  /** Puts an item in front of all others. */
  unshift(item: T): Place {
    const link = new Link(item, this);
    link.after = this.#first;
    if (this.#first === undefined) this.#last = link;
    else this.#first.before = link;
    this.#first = link;
    this.#length += 1;
    return link;
  }

  get first(): T | undefined {
    return this.#first?.item;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.#unlink(first);
    return first.item;
  }

  /** Takes out what stands at a place. Whether it stood there still. */
  remove(place: Place | undefined): boolean {
    // A place of this queue was given by this queue.
    if (!(place instanceof Link) || place.queue !== this) return false;
    this.#unlink(place as Link<T>);
    return true;
  }

  /** What is in the queue, in order. */
  items(): readonly T[] {
    const items: T[] = [];
    for (let link = this.#first; link !== undefined; link = link.after) items.push(link.item);
    return items;
  }

  /** Empties the queue, and gives what was in it, in order. */
  takeAll(): readonly T[] {
    const items = this.items();
    while (this.#first !== undefined) this.#unlink(this.#first);
    return items;
  }

  #unlink(link: Link<T>): void {
    if (link.before === undefined) this.#first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) this.#last = link.before;
    else link.after.before = link.before;
    // One link that lives for long would keep alive all that came after it.
    link.queue = link.before = link.after = undefined;
    this.#length -= 1;
  }
}
