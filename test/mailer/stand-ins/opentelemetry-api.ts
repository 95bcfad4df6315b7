/** The part of @opentelemetry/api that the recipe of docs/observability.md uses, in its shape; spans are kept to look at. */

export const SpanKind = { INTERNAL: 0, SERVER: 1, CLIENT: 2 } as const;
export const SpanStatusCode = { UNSET: 0, OK: 1, ERROR: 2 } as const;

type Value = string | number | boolean;

export class Span {
  readonly name: string;
  readonly kind: number;
  readonly attributes: Record<string, Value> = {};
  status: { readonly code: number; readonly message?: string } = { code: SpanStatusCode.UNSET };
  ends = 0;

  constructor(name: string, kind: number) {
    this.name = name;
    this.kind = kind;
  }

  setAttribute(key: string, value: Value): this {
    this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Readonly<Record<string, Value>>): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  setStatus(status: { code: number; message?: string }): this {
    this.status = status;
    return this;
  }

  end(): void {
    this.ends += 1;
  }
}

export const spans: Span[] = [];

export const trace = {
  getTracer: (library: string) => ({
    startSpan: (name: string, options: { kind?: number } = {}): Span => {
      const span = new Span(`${library}: ${name}`, options.kind ?? SpanKind.INTERNAL);
      spans.push(span);
      return span;
    },
  }),
};
