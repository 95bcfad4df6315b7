/** The page: joins the list, the reader, the address and the events of the server. */
import type { SummaryJson } from '../api-types.js';
import { deleteAll, deleteMessage, fetchList, listen } from './connection.js';
import { button, byId, element } from '../../web/page/dom.js';
import { counted } from '../../web/page/format.js';
import { MessageList } from './message-list.js';
import { hashOf, placeOf } from './place.js';
import { Reader, state } from './reader.js';

const FIRST_QUESTION_MS = 4_000;
const FAULTS = ['fail-550@', 'defer-451@', 'drop-data@', 'delay-2000@'];

const panes = byId('panes', HTMLElement);
const filter = byId('filter', HTMLInputElement);
const clear = byId('clear', HTMLButtonElement);
const address = byId('address', HTMLButtonElement);
const listState = byId('list-state', HTMLElement);

const list = new MessageList(byId('list', HTMLOListElement), { delete: remove });
const reader = new Reader(byId('reader', HTMLElement), { delete: remove });

let smtpUrl = '';
let isLoaded = false;

function remove(id: number): void {
  deleteMessage(id).catch(showFailure);
}

function showFailure(error: unknown): void {
  const notice = byId('notice', HTMLElement);
  notice.textContent = `${error instanceof Error ? error.message : String(error)}.`;
  notice.hidden = false;
  setTimeout(() => {
    notice.hidden = true;
  }, 8_000);
}

async function load(): Promise<void> {
  const known = list.ids;
  try {
    const { messages, smtpUrl: url } = await fetchList();
    smtpUrl = url;
    isLoaded = true;
    address.textContent = url;
    address.hidden = false;
    reader.gone(list.reset(messages, known));
    setState('live', 'Live');
    update();
    followAddress();
  } catch {
    setState('lost', 'Connection lost, trying again');
    update();
  }
}

function setState(kind: 'live' | 'lost' | 'waiting', text: string): void {
  document.documentElement.dataset['state'] = kind;
  byId('state', HTMLElement).textContent = text;
}

/** What depends on how many messages there are. */
function update(): void {
  const { size, shown, unread } = list;
  document.title = unread > 0 ? `(${String(unread)}) Inbox` : 'Inbox';
  clear.disabled = size === 0;
  disarm();
  byId('count', HTMLElement).textContent =
    size === 0 ? '' : shown === size ? counted(size, 'message') : `${String(shown)} of ${counted(size, 'message')}`;
  listState.replaceChildren(...listStates());
  if (placeOf(location.hash).id === undefined) reader.close(size === 0 || !isLoaded ? undefined : nothingOpen());
  panes.classList.toggle('is-empty', isLoaded && size === 0 && placeOf(location.hash).id === undefined);
}

function listStates(): HTMLElement[] {
  if (!isLoaded) {
    const isLost = document.documentElement.dataset['state'] === 'lost';
    if (isLost)
      return [state('The inbox does not answer', 'Is it still running? The page goes on as soon as it is back.')];
    const bones = [1, 2, 3].map(() => element('span', { class: 'bone row-bone' }));
    return [element('div', { class: 'skeleton', role: 'status', 'aria-label': 'Loading the messages' }, ...bones)];
  }
  if (list.size === 0) return [emptyInbox()];
  if (list.shown === 0) return [state('Nothing fits', `No message holds “${filter.value.trim()}”.`)];
  return [];
}

function emptyInbox(): HTMLElement {
  const command = `npx posthaste send mail.eml --url ${smtpUrl}`;
  const made = state(
    'No mail yet',
    'Whatever is sent here stays here, and shows up at once.',
    element(
      'dl',
      { class: 'recipes' },
      element('dt', {}, 'Send to'),
      element('dd', {}, copyButton(smtpUrl)),
      element('dt', {}, 'From a shell'),
      element('dd', {}, copyButton(command)),
      element('dt', {}, 'To see failures, write to'),
      element('dd', {}, ...FAULTS.map((tag) => element('code', {}, `${tag}any.test`))),
    ),
  );
  made.prepend(element('img', { class: 'state-mark', src: '/icon.svg', width: '56', height: '56', alt: '' }));
  return made;
}

function nothingOpen(): HTMLElement {
  return state(
    'No message is open',
    'Choose one from the list. The arrow keys walk through it, Delete deletes, / filters.',
  );
}

function copyButton(text: string): HTMLButtonElement {
  const made = button(
    text,
    () => {
      copy(text, made);
    },
    { class: 'copy', title: 'Copy' },
  );
  return made;
}

function copy(text: string, by: HTMLButtonElement): void {
  navigator.clipboard.writeText(text).then(
    () => {
      by.textContent = 'Copied';
      setTimeout(() => {
        by.textContent = text;
      }, 1_200);
    },
    () => {
      // Without the right to write there, the text can still be marked and copied by hand.
      getSelection()?.selectAllChildren(by);
    },
  );
}

function followAddress(): void {
  const { id, view } = placeOf(location.hash);
  list.open(id, view);
  panes.classList.toggle('is-reading', id !== undefined);
  update();
  if (id !== undefined) void reader.open(id, view);
}

function added(message: SummaryJson): void {
  list.add(message, true);
  update();
}

function removed(ids: readonly number[]): void {
  list.remove(ids);
  if (reader.gone(ids)) {
    // The address must not lead back to it.
    const { view } = placeOf(location.hash);
    history.replaceState(null, '', hashOf({ id: undefined, view }));
    panes.classList.remove('is-reading');
    list.open(undefined, view);
    list.focus();
  }
  update();
}

let armed: ReturnType<typeof setTimeout> | undefined;

function disarm(): void {
  clearTimeout(armed);
  armed = undefined;
  clear.textContent = 'Delete all';
  clear.classList.remove('armed');
}

clear.addEventListener('click', () => {
  if (armed !== undefined) {
    disarm();
    deleteAll().catch(showFailure);
    return;
  }
  clear.textContent = `Delete ${counted(list.size, 'message')}?`;
  clear.classList.add('armed');
  armed = setTimeout(disarm, FIRST_QUESTION_MS);
});
clear.addEventListener('blur', disarm);

filter.addEventListener('input', () => {
  list.filter(filter.value);
  update();
});
filter.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'Enter') {
    event.preventDefault();
    list.focus();
  }
});
address.addEventListener('click', () => {
  copy(smtpUrl, address);
});
document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    filter.focus();
  }
  if (event.key === 'Escape') {
    if (isTyping) {
      filter.value = '';
      list.filter('');
      update();
    } else if (placeOf(location.hash).id !== undefined) location.hash = '#/';
    list.focus();
  }
});
addEventListener('hashchange', followAddress);

setState('waiting', 'Connecting');
update();
listen({
  connected: () => void load(),
  lost: () => {
    setState('lost', 'Connection lost, trying again');
    if (!isLoaded) update();
  },
  added,
  removed,
});
