/** The part of prom-client that the recipe of docs/observability.md uses, in its shape. */

interface Configuration {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly buckets?: readonly number[];
}

type Labels = Readonly<Record<string, string | number>>;

/** Each metric's samples, as `name{label="value"}` or `name`. */
export const samples = new Map<string, number>();

function add({ name, labelNames = [] }: Configuration, labels: Labels, value: number): void {
  const strange = Object.keys(labels).filter((label) => !labelNames.includes(label));
  if (strange.length > 0) throw new Error(`${name} has no label ${strange.join(', ')}`);
  if (!(value >= 0)) throw new Error('It is not possible to decrease a counter');
  const text = Object.entries(labels)
    .map(([label, of]) => `${label}="${String(of)}"`)
    .join(',');
  const key = text === '' ? name : `${name}{${text}}`;
  samples.set(key, (samples.get(key) ?? 0) + value);
}

export class Counter {
  readonly #configuration: Configuration;
  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  inc(labels: Labels, value = 1): void {
    add(this.#configuration, labels, value);
  }
}

export class Histogram {
  readonly #configuration: Configuration;
  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  observe(value: number): void {
    if (!Number.isFinite(value)) throw new Error(`${String(value)} cannot be observed`);
    const { name } = this.#configuration;
    add({ name: `${name}_count`, help: '' }, {}, 1);
  }
}
