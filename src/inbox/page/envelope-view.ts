/** Who the message really went to, and how each address is known: the envelope beside the fields. */
import type { MessageJson, NamedInJson, ProvenanceJson, RecipientJson } from '../api-types.js';
import { element, type Child } from '../../web/page/dom.js';
import { counted, shownAddress } from '../../web/page/format.js';
import { fieldName } from './format.js';

export function envelopeView(message: MessageJson): HTMLElement {
  const { provenance, client } = message;
  return element(
    'div',
    { class: 'view envelope-view' },
    verdict(provenance),
    element(
      'table',
      { class: 'origins' },
      element('caption', { class: 'hidden-label' }, 'The addresses of the envelope, and the fields that name them'),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['Envelope', 'Address', 'Comes from'].map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      element('tbody', {}, senderRow(provenance), ...provenance.recipients.map(recipientRow)),
    ),
    notAddressed(provenance),
    keptBack(provenance),
    facts([
      ['Client', `${client.hello === '' ? 'did not say its name' : client.hello} at ${client.address}`],
      ['Logged in as', client.user],
      ['Parameters of MAIL', client.mailParameters.join(' ')],
      ...provenance.notes.map((note): Fact => ['Could not be read', note]),
    ]),
  );
}

function verdict({ leaked, recipients, resent }: ProvenanceJson): HTMLElement {
  const blind = recipients.filter(({ origin, status }) => origin === 'blind' && status === 'accepted').length;
  if (leaked.length > 0) {
    const names = [...new Set(leaked.map(({ header }) => header))].join(', ');
    const text = `${names} arrived with the message: everybody who gets it can read what stands there. The sender should have left it out.`;
    return element('p', { class: 'verdict bad' }, text);
  }
  const whose = resent ? 'The Resent fields count: the message was resent. ' : '';
  const blindText =
    blind === 0
      ? 'Every recipient is named in a field.'
      : `${counted(blind, 'recipient is', 'recipients are')} named in no field: nobody can see that they got it.`;
  return element('p', { class: 'verdict' }, whose + blindText);
}

function senderRow({ sender }: ProvenanceJson): HTMLElement {
  const { address, origin, namedIn, inFields } = sender;
  const from =
    origin === 'field'
      ? fieldList(namedIn)
      : element(
          'span',
          { class: 'origin blind' },
          address === ''
            ? 'the null sender: nothing comes back'
            : inFields === undefined
              ? 'no field'
              : `no field; they say ${inFields}`,
        );
  return row('MAIL FROM', address, from);
}

function recipientRow({ address, status, reply, origin, namedIn }: RecipientJson): HTMLElement {
  const names: Child =
    origin === 'blind'
      ? element('span', { class: 'origin blind' }, 'no field: blind copy or list')
      : origin === 'original'
        ? element('span', {}, fieldList(namedIn), ' of the original')
        : fieldList(namedIn);
  const refused =
    status === 'refused' &&
    element('span', { class: 'refusal' }, `refused: ${String(reply?.code ?? '')} ${reply?.text ?? ''}`);
  return row('RCPT TO', address, names, refused);
}

function row(verb: string, address: string, ...origin: readonly Child[]): HTMLElement {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, verb),
    element('td', { class: 'mono' }, shownAddress(address)),
    element('td', {}, ...origin),
  );
}

function fieldList(fields: readonly NamedInJson[]): HTMLElement {
  return element(
    'span',
    { class: 'fields' },
    ...fields.map((field) =>
      element('span', { class: isLeak(field) ? 'origin field leak' : 'origin field' }, fieldName(field)),
    ),
  );
}

function isLeak({ header }: NamedInJson): boolean {
  return /^(?:resent-)?bcc$/i.test(header);
}

function notAddressed({ notAddressed: others }: ProvenanceJson): Child {
  if (others.length === 0) return undefined;
  return element(
    'section',
    { class: 'others' },
    element('h3', {}, 'Named, but not in this envelope'),
    element('p', { class: 'hint' }, 'Perhaps they got it in another transaction, or on an earlier way.'),
    element(
      'ul',
      {},
      ...others.map((other) =>
        element('li', {}, element('span', { class: 'mono' }, other.address), ' ', fieldList([other])),
      ),
    ),
  );
}

/** What the sender took out, as far as it shows; and what the server did. */
function keptBack({ leaked, recipients, dotLines }: ProvenanceJson): HTMLElement {
  const blind = recipients.filter(({ origin, status }) => origin === 'blind' && status === 'accepted');
  const lines: Child[] = [
    ...leaked.map((field) => check(false, `${fieldName(field)} was not stripped.`)),
    leaked.length === 0 && check(true, 'No Bcc, Resent-Bcc or Return-Path arrived.'),
    blind.length > 0 && check(true, `No trace is left of ${blind.map(({ address }) => address).join(', ')}.`),
    dotLines > 0 &&
      check(
        true,
        `${counted(dotLines, 'line begins', 'lines begin')} with a dot: doubled on the way, and one taken away here.`,
      ),
  ];
  return element(
    'section',
    { class: 'others' },
    element('h3', {}, 'Stripped'),
    element('ul', { class: 'checks' }, ...lines),
  );
}

function check(isGood: boolean, text: string): HTMLElement {
  return element('li', { class: isGood ? 'good' : 'bad' }, text);
}

type Fact = readonly [name: string, value: string];

function facts(rows: readonly Fact[]): HTMLElement {
  return element(
    'dl',
    { class: 'facts' },
    ...rows
      .filter(([, value]) => value !== '')
      .flatMap(([name, value]) => [element('dt', {}, name), element('dd', { class: 'mono' }, value)]),
  );
}
