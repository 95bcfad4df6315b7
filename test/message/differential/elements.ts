/** The elements of an address list that is known to be one, with all their tokens, so that it can be written in another form. */
import { tokensOf, type Token } from './tokens.js';

export interface MailboxElement {
  readonly kind: 'mailbox';
  /** In front of the `<`; undefined where there is none. */
  readonly name: readonly Token[] | undefined;
  /** `@one,@two:` */
  readonly route: readonly Token[];
  readonly address: readonly Token[];
  /** Behind the `>`. */
  readonly behind: readonly Token[];
}
export interface GroupStart {
  readonly kind: 'group';
  readonly name: readonly Token[];
}
export interface Separator {
  readonly kind: ',' | ';';
}
/** Comments and white space where a mailbox might be. */
export interface Filling {
  readonly kind: 'filling';
  readonly tokens: readonly Token[];
}
export type Element = MailboxElement | GroupStart | Separator | Filling;

const isSpecial = (text: string) => (token: Token) => token.kind === 'special' && token.text === text;
export const isBlank = ({ kind }: Token): boolean => kind === 'white' || kind === 'comment';

export function elementsOf(text: string): readonly Element[] {
  const elements: Element[] = [];
  let tokens: Token[] = [];
  let angle = false;
  const end = (): void => {
    if (tokens.length > 0) elements.push(tokens.every(isBlank) ? { kind: 'filling', tokens } : mailboxOf(tokens));
    tokens = [];
  };
  for (const token of tokensOf(text) ?? []) {
    const special = token.kind === 'special' ? token.text : '';
    if (special === '<') angle = true;
    if (special === '>') angle = false;
    if (!angle && (special === ',' || special === ';')) {
      end();
      elements.push({ kind: special });
    } else if (!angle && special === ':') {
      elements.push({ kind: 'group', name: tokens });
      tokens = [];
    } else {
      tokens.push(token);
    }
  }
  end();
  return elements;
}

function mailboxOf(tokens: readonly Token[]): MailboxElement {
  const open = tokens.findIndex(isSpecial('<'));
  if (open === -1) return { kind: 'mailbox', name: undefined, route: [], address: tokens, behind: [] };
  const close = tokens.findIndex(isSpecial('>'));
  const path = tokens.slice(open + 1, close);
  const colon = path.findIndex(isSpecial(':'));
  return {
    kind: 'mailbox',
    name: tokens.slice(0, open),
    route: path.slice(0, colon + 1),
    address: path.slice(colon + 1),
    behind: tokens.slice(close + 1),
  };
}

const join = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join('');

export function textOf(elements: readonly Element[]): string {
  return elements.map(textOfElement).join('');
}

function textOfElement(element: Element): string {
  switch (element.kind) {
    case 'mailbox': {
      const { name, route, address, behind } = element;
      return name === undefined ? join(address) : `${join(name)}<${join(route)}${join(address)}>${join(behind)}`;
    }
    case 'group':
      return `${join(element.name)}:`;
    case 'filling':
      return join(element.tokens);
    default:
      return element.kind;
  }
}

/** Every run of tokens of the elements through the same change. */
export function mapTokens(
  elements: readonly Element[],
  change: (tokens: readonly Token[], part: 'name' | 'address' | 'filling') => readonly Token[],
): readonly Element[] {
  return elements.map((element) => {
    switch (element.kind) {
      case 'mailbox':
        return {
          ...element,
          name: element.name && change(element.name, 'name'),
          route: change(element.route, 'address'),
          address: change(element.address, 'address'),
          behind: change(element.behind, 'filling'),
        };
      case 'group':
        return { ...element, name: change(element.name, 'name') };
      case 'filling':
        return { ...element, tokens: change(element.tokens, 'filling') };
      default:
        return element;
    }
  });
}

export function mapMailboxes(
  elements: readonly Element[],
  change: (mailbox: MailboxElement) => MailboxElement,
): readonly Element[] {
  return elements.map((element) => (element.kind === 'mailbox' ? change(element) : element));
}
