/** The first few of many, in order, without keeping the many. Pure. */

/** `compare` as for sort. Of equal ones the first that was added stands first. */
export class Best<T> {
  readonly #kept: T[] = [];
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  add(value: T): void {
    const last = this.#kept.at(-1);
    if (this.#kept.length >= this.#limit && (last === undefined || this.#compare(value, last) >= 0)) return;
    let [low, high] = [0, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#kept[middle] as T, value) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#kept.splice(low, 0, value);
    if (this.#kept.length > this.#limit) this.#kept.pop();
  }

  get values(): readonly T[] {
    return [...this.#kept];
  }
}
