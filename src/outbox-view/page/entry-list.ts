/**
 * The messages, each with what may be asked of it. One rule: what cannot be taken back takes two presses, and nobody loses their place
 * when the list is drawn anew.
 */
import { button, element, type Child } from '../../web/page/dom.js';
import { counted, longTime, octets, shownAddress } from '../../web/page/format.js';
import type { EntriesJson, EntryJson, RecipientJson } from '../api-types.js';
import {
  isRetryRisky,
  lastWords,
  mayCancel,
  mayRetry,
  number,
  people,
  replyWords,
  toneOf,
  type Tone,
} from '../words.js';
import { moment } from './times.js';

const FIRST_PRESS_MS = 4_000;
const MOST_RECIPIENTS = 100;

export type EntryAction = 'retry' | 'cancel';

export interface EntryActions {
  readonly change: (id: string, action: EntryAction) => void;
  readonly showMore: () => void;
}

export class EntryList {
  readonly #place: HTMLElement;
  readonly #actions: EntryActions;
  readonly #open = new Set<string>();
  #shown: EntriesJson = { total: 0, entries: [] };
  #armed: { readonly key: string; readonly timer: ReturnType<typeof setTimeout> } | undefined;
  #drawn = '';

  constructor(place: HTMLElement, actions: EntryActions) {
    this.#place = place;
    this.#actions = actions;
  }

  show(entries: EntriesJson, emptyText: string): void {
    this.#shown = entries;
    const text = JSON.stringify([entries, emptyText]);
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#draw(emptyText);
  }

  /** Opens an entry and goes to it. False when it is not in the list. */
  open(id: string): boolean {
    if (!this.#shown.entries.some((entry) => entry.id === id)) return false;
    this.#open.add(id);
    this.#draw('');
    const row = this.#button(`entry-${id}`);
    row?.scrollIntoView({ block: 'center' });
    row?.focus();
    return true;
  }

  #draw(emptyText: string): void {
    const { entries, total } = this.#shown;
    const active = document.activeElement;
    const key = active instanceof HTMLElement && this.#place.contains(active) ? active.dataset['key'] : undefined;
    const more = total > entries.length;
    this.#place.replaceChildren(
      entries.length === 0
        ? element('p', { class: 'hint' }, emptyText)
        : element('ol', { class: 'entries' }, ...entries.map((entry) => this.#row(entry))),
      ...(more ? [this.#moreButton(total - entries.length)] : []),
    );
    if (key !== undefined) (this.#button(key) ?? this.#place.querySelector<HTMLElement>('.entry-head'))?.focus();
  }

  #button(key: string): HTMLElement | null {
    return this.#place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  }

  #moreButton(left: number): HTMLElement {
    const act = (): void => {
      this.#actions.showMore();
    };
    return element('p', { class: 'more' }, button(`Show more of ${number(left)}`, act, { 'data-key': 'more' }));
  }

  #row(entry: EntryJson): HTMLElement {
    const { id, state, envelope, subject } = entry;
    const isOpen = this.#open.has(id);
    const said = lastWords(entry);
    const who = people(envelope.to);
    const head = element(
      'button',
      { type: 'button', class: 'entry-head', 'aria-expanded': String(isOpen), 'data-key': `entry-${id}` },
      element('span', { class: `tag ${toneOf(state)}` }, state),
      element(
        'span',
        { class: 'entry-what' },
        element('span', { class: 'entry-who' }, who),
        element('span', { class: 'entry-subject' }, subject === undefined || subject === '' ? '(no subject)' : subject),
      ),
      element('span', { class: 'entry-said', ...(said === undefined ? {} : { title: said.text }) }, said?.text ?? ''),
      element('span', { class: 'entry-when' }, ...whenOf(entry)),
    );
    head.addEventListener('click', () => {
      if (isOpen) this.#open.delete(id);
      else this.#open.add(id);
      this.#draw('');
    });
    const acts = [
      mayRetry(state) && this.#action(entry, 'retry', who),
      mayCancel(state) && this.#action(entry, 'cancel', who),
    ];
    return element(
      'li',
      { class: isOpen ? 'entry is-open' : 'entry' },
      head,
      element('div', { class: 'entry-acts' }, ...acts),
      isOpen && detailsOf(entry),
    );
  }

  #action(entry: EntryJson, action: EntryAction, who: string): HTMLElement {
    const key = `${action}-${entry.id}`;
    const isArmed = this.#armed?.key === key;
    // What cannot be taken back.
    const isFinal = action === 'cancel' || isRetryRisky(entry);
    const question = action === 'cancel' ? 'Really cancel?' : 'It may arrive twice. Retry?';
    const name = action === 'cancel' ? 'Cancel' : 'Retry';
    return button(
      isArmed ? question : name,
      () => {
        if (isArmed || !isFinal) {
          this.#disarm();
          this.#actions.change(entry.id, action);
        } else this.#arm(key);
      },
      {
        class: `${isFinal ? 'danger' : ''}${isArmed ? ' armed' : ''}`.trim(),
        'data-key': key,
        'aria-label': `${isArmed ? question : name} (${who})`,
      },
    );
  }

  #arm(key: string): void {
    clearTimeout(this.#armed?.timer);
    const timer = setTimeout(() => {
      this.#disarm();
      this.#draw('');
    }, FIRST_PRESS_MS);
    this.#armed = { key, timer };
    this.#draw('');
  }

  #disarm(): void {
    clearTimeout(this.#armed?.timer);
    this.#armed = undefined;
  }
}

function whenOf(entry: EntryJson): Child[] {
  const { state, nextAttemptAtMs, attemptedAtMs, finishedAtMs, enqueuedAtMs, attempts } = entry;
  const count = attempts === 0 ? '' : counted(attempts, 'attempt');
  const at =
    state === 'queued' || state === 'deferred'
      ? moment(nextAttemptAtMs ?? enqueuedAtMs, 'until')
      : state === 'sending'
        ? 'now'
        : moment(finishedAtMs ?? attemptedAtMs ?? enqueuedAtMs, 'ago');
  return [element('span', {}, at), element('span', { class: 'entry-count' }, count)];
}

const RECIPIENT_TONES: Readonly<Record<RecipientJson['status'], Tone>> = {
  pending: 'plain',
  accepted: 'good',
  refused: 'bad',
  unknown: 'note',
};

function detailsOf(entry: EntryJson): HTMLElement {
  const { recipients, envelope, failure } = entry;
  const hidden = recipients.length - MOST_RECIPIENTS;
  const facts: (readonly [name: string, value: Child])[] = [
    ['From', shownAddress(envelope.from)],
    ['Enqueued', longTime(new Date(entry.enqueuedAtMs).toISOString())],
    ['Tried until', longTime(new Date(entry.expiresAtMs).toISOString())],
    ['Size', octets(entry.sizeBytes)],
    ['Priority', entry.priority === 0 ? undefined : String(entry.priority)],
    ['Id', element('code', {}, entry.id)],
    ['Key', entry.key === undefined ? undefined : element('code', {}, entry.key)],
    ['Message-ID', entry.messageId === undefined ? undefined : element('code', {}, entry.messageId)],
    ['Last fault', failure === undefined ? undefined : `${failure.message} (${failure.code})`],
  ];
  return element(
    'div',
    { class: 'entry-details' },
    element(
      'ul',
      { class: 'recipients', 'aria-label': 'Recipients' },
      ...recipients
        .slice(0, MOST_RECIPIENTS)
        .map(({ address, status, reply }) =>
          element(
            'li',
            {},
            element('span', { class: `tag ${RECIPIENT_TONES[status]}` }, status),
            element('span', { class: 'recipient-address' }, address),
            reply !== undefined && element('span', { class: 'recipient-reply' }, replyWords(reply)),
          ),
        ),
      hidden > 0 && element('li', {}, `and ${counted(hidden, 'other')}`),
    ),
    element(
      'dl',
      { class: 'facts' },
      ...facts.flatMap(([name, value]) =>
        value === undefined ? [] : [element('dt', {}, name), element('dd', {}, value)],
      ),
    ),
  );
}
