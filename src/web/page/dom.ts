/** Elements out of values. One rule: text becomes text; no string is ever read as HTML. */

export type Child = Node | string | undefined | false;

export interface Properties {
  readonly class?: string;
  readonly id?: string;
  readonly title?: string;
  readonly [attribute: string]: string | boolean | undefined;
}

const SVG = 'http://www.w3.org/2000/svg';

/** `true` sets an attribute without a value, `false` and undefined leave it out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  fill(made, properties, children);
  return made;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  fill(made, properties, children);
  return made;
}

function fill(made: Element, properties: Properties, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
}

/** An element of index.html. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${id}`);
}

export function button(label: string, act: () => void, properties: Properties = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...properties }, label);
  made.addEventListener('click', act);
  return made;
}
