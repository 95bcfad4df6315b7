/** Randomness that can be had again: the same seed gives the same inputs on every machine. */

/** A generator of 32-bit numbers (mulberry32), and what the inputs are made with. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit) {
    return this.next() % limit;
  }

  /** True once in `times`. */
  once(times) {
    return this.below(times) === 0;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** Up to `most` items made by `make`, joined. */
  many(most, make) {
    let text = '';
    for (let left = this.below(most + 1); left > 0; left -= 1) text += make();
    return text;
  }
}

/** The octets of `whole` in pieces, cut anywhere. */
export function cut(random, whole) {
  const pieces = [];
  for (let at = 0; at < whole.length;) {
    const length = random.once(3) ? 1 + random.below(3) : 1 + random.below(200);
    pieces.push(whole.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** Some octets changed, removed, doubled or put in. */
export function mutate(random, octets, alphabet) {
  const changed = [...octets];
  for (let count = random.below(4); count > 0 && changed.length > 0; count -= 1) {
    const at = random.below(changed.length);
    switch (random.below(4)) {
      case 0:
        changed[at] = random.of(alphabet);
        break;
      case 1:
        changed.splice(at, 1 + random.below(5));
        break;
      case 2:
        changed.splice(at, 0, ...changed.slice(at, at + 1 + random.below(8)));
        break;
      default:
        changed.splice(at, 0, random.of(alphabet));
    }
  }
  return changed;
}

/**
 * The smallest input found that still fails: parts are left out as long as the complaint stays. `input` is a string or a
 * Buffer; `complaintOf` gives undefined for one that is well.
 */
export function shrink(input, complaintOf) {
  let smallest = input;
  for (let size = Math.ceil(smallest.length / 2), tries = 0; size >= 1 && tries < 5_000; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= smallest.length && tries < 5_000; tries += 1) {
      const [head, tail] = [smallest.slice(0, at), smallest.slice(at + size)];
      const shorter = typeof smallest === 'string' ? head + tail : Buffer.concat([head, tail]);
      if (complaintOf(shorter) === undefined) at += size;
      else smallest = shorter;
    }
  }
  return smallest;
}
