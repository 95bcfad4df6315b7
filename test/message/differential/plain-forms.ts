/**
 * An address list written in plainer and plainer form: each step takes one feature of the grammar away. Where a reader differs
 * from the parser on a text, and no longer differs without a feature, that feature is what they differ about.
 */
import { elementsOf, isBlank, mapMailboxes, mapTokens, textOf, type Element } from './elements.js';
import type { Token } from './tokens.js';

export interface Step {
  /** What is taken away, as the name of a class of differences. */
  readonly feature: string;
  /** The step puts other addresses in the place of those that have the feature. */
  readonly changesAddresses: boolean;
  readonly apply: (elements: readonly Element[]) => readonly Element[];
}

const SPACE: Token = { kind: 'white', text: ' ' };
const atom = (text: string): Token => ({ kind: 'atom', text });
const isWord = ({ kind }: Token): boolean => kind === 'atom' || kind === 'quoted';
const isSign = ({ kind, text }: Token): boolean => kind === 'special' && text === '@';
const unfolded = (text: string): string => text.replaceAll('\r\n', '');
const isPlainWord = (text: string): boolean => /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+$/.test(text);
const domainOf = (address: readonly Token[]): readonly Token[] => address.slice(address.findIndex(isSign));
const hasDomain = (address: readonly Token[]): boolean => address.some(isSign);

/** White space in front of, or behind, a dot or a sign, or at an edge. */
function isLoose(tokens: readonly Token[], index: number): boolean {
  const neighbours = [tokens[index - 1], tokens[index + 1]];
  return neighbours.some((token) => token === undefined || token.kind === 'special');
}

export const STEPS: readonly Step[] = [
  {
    feature: 'fold',
    changesAddresses: false,
    apply: (elements) =>
      mapTokens(elements, (tokens) => tokens.map(({ kind, text }) => ({ kind, text: unfolded(text) }))),
  },
  {
    feature: 'comment',
    changesAddresses: false,
    apply: (elements) =>
      mapTokens(elements, (tokens, part) =>
        tokens
          .filter(({ kind }) => part !== 'address' || kind !== 'comment')
          .map((token) => (token.kind === 'comment' ? SPACE : token))
          .filter(({ kind }, index, all) => kind !== 'white' || all[index - 1]?.kind !== 'white'),
      ),
  },
  {
    feature: 'white space inside an address',
    changesAddresses: false,
    apply: (elements) =>
      mapTokens(elements, (tokens, part) =>
        tokens
          .map((token) => (token.kind === 'literal' ? { ...token, text: token.text.replace(/[ \t]/g, '') } : token))
          .filter((token, index) => token.kind !== 'white' || (part !== 'address' ? true : !isLoose(tokens, index))),
      ),
  },
  {
    feature: 'white space beside and between words',
    changesAddresses: false,
    apply: (elements) =>
      mapTokens(elements, (tokens) =>
        tokens
          .map((token) => (token.kind === 'white' ? SPACE : token))
          .filter(({ kind }, index) => kind !== 'white' || index > 0),
      ),
  },
  {
    feature: 'source route',
    changesAddresses: false,
    apply: (elements) => mapMailboxes(elements, (mailbox) => ({ ...mailbox, route: [] })),
  },
  {
    feature: 'an address as its own name',
    changesAddresses: false,
    apply: (elements) =>
      mapMailboxes(elements, (mailbox) =>
        mailbox.name?.some(isSign) === true ? { ...mailbox, name: [atom('Name'), SPACE] } : mailbox,
      ),
  },
  {
    feature: 'a name in quotes, or with dots',
    changesAddresses: false,
    apply: (elements) =>
      mapMailboxes(elements, (mailbox) =>
        mailbox.name?.some(isWord) === true ? { ...mailbox, name: [atom('Name'), SPACE] } : mailbox,
      ),
  },
  {
    feature: 'group',
    changesAddresses: false,
    apply: (elements) =>
      elements.flatMap((element): Element[] => {
        if (element.kind === 'group') return [];
        return [element.kind === ';' ? { kind: ',' } : element];
      }),
  },
  {
    feature: 'empty element',
    changesAddresses: false,
    apply: (elements) => {
      const mailboxes = elements.filter(({ kind }) => kind === 'mailbox');
      return mailboxes.flatMap((mailbox, index): Element[] =>
        index === 0 ? [mailbox] : [{ kind: ',' }, { kind: 'filling', tokens: [SPACE] }, mailbox],
      );
    },
  },
  {
    feature: 'a local part in quotes that it does not need',
    changesAddresses: false,
    apply: (elements) =>
      mapMailboxes(elements, (mailbox) => ({
        ...mailbox,
        address: mailbox.address.map((token) => {
          const value = token.text.slice(1, -1).replace(/\\(.)/gs, '$1');
          return token.kind === 'quoted' && isPlainWord(value) ? atom(value) : token;
        }),
      })),
  },
  {
    feature: 'a local part in quotes that it needs',
    changesAddresses: true,
    apply: (elements) =>
      mapMailboxes(elements, (mailbox) =>
        mailbox.address.some(({ kind }) => kind === 'quoted')
          ? {
              ...mailbox,
              address: [atom('plain'), ...(hasDomain(mailbox.address) ? domainOf(mailbox.address) : [])],
            }
          : mailbox,
      ),
  },
  {
    feature: 'domain literal',
    changesAddresses: true,
    apply: (elements) =>
      mapTokens(elements, (tokens) => tokens.map((token) => (token.kind === 'literal' ? atom('literal') : token))),
  },
  {
    feature: 'address outside ASCII',
    changesAddresses: true,
    apply: (elements) =>
      mapTokens(elements, (tokens) =>
        tokens.map((token) => ({ ...token, text: token.text.replace(/[\u0080-\uffff]/g, 'u') })),
      ),
  },
  {
    feature: 'local user',
    changesAddresses: true,
    apply: (elements) =>
      mapMailboxes(elements, (mailbox) =>
        hasDomain(mailbox.address)
          ? mailbox
          : {
              ...mailbox,
              address: [
                ...mailbox.address.filter((token) => !isBlank(token)),
                { kind: 'special', text: '@' },
                atom('local'),
              ],
            },
      ),
  },
];

/** The text itself, and then its form behind each step. */
export function plainForms(text: string): readonly string[] {
  const forms = [text];
  let elements = elementsOf(text);
  for (const { apply } of STEPS) {
    elements = apply(elements);
    forms.push(textOf(elements));
  }
  return forms;
}
