/** The page: joins what the server says of the outbox with the parts that show it. */
import { listenTo, RequestError } from '../../web/page/ask.js';
import { byId, element } from '../../web/page/dom.js';
import { counted } from '../../web/page/format.js';
import type { OverviewJson, StateJson, TroubleJson, WindowName } from '../api-types.js';
import { number, span, STATE_MEANINGS } from '../words.js';
import { change, fetchEntries, fetchOverview } from './connection.js';
import { DepthChart } from './depth-chart.js';
import { EntryList, type EntryAction } from './entry-list.js';
import { domainTable, nextList, replyList, stateTiles } from './panels.js';
import { clockTime, refreshMoments } from './times.js';

const FIRST_ENTRIES = 25;
const MOST_ENTRIES = 500;
const NOTICE_MS = 8_000;
const TYPING_MS = 250;
const WINDOWS: readonly (readonly [WindowName, string])[] = [
  ['1h', '1 h'],
  ['6h', '6 h'],
  ['24h', '24 h'],
  ['7d', '7 d'],
];

const content = byId('content', HTMLElement);
const find = byId('find', HTMLInputElement);
const all = byId('all', HTMLButtonElement);

const chart = new DepthChart();
const list = new EntryList(byId('entries', HTMLElement), {
  change: (id, action) => void act(id, action),
  showMore: () => {
    limit = Math.min(MOST_ENTRIES, limit * 4);
    void load();
  },
});

let overview: OverviewJson | undefined;
let windowName: WindowName = '24h';
let state: StateJson | undefined;
let limit = FIRST_ENTRIES;
/** Of two answers the one to the later question counts. */
let asked = 0;
/** How many answers are on their way. */
let loading = 0;

/** The store was looked at again. An answer that is on its way is not given up for it, and nobody is shown what they do not see. */
function changed(): void {
  if (loading === 0 && !document.hidden) void load();
}

async function load(): Promise<void> {
  const question = (asked += 1);
  loading += 1;
  try {
    const wanted = { state, find: find.value.trim(), limit };
    const [seen, entries] = await Promise.all([fetchOverview(windowName), fetchEntries(wanted)]);
    if (question !== asked) return;
    overview = seen;
    show(seen);
    const { total } = entries;
    list.show(entries, emptyText());
    byId('messages-note', HTMLElement).textContent =
      total === 0 ? '' : counted(total, 'message').replace(String(total), number(total));
    all.hidden = state === undefined && wanted.find === '';
    setLamp('live', 'Live', `, as of ${new Date(seen.asOfMs).toLocaleTimeString(undefined, { hourCycle: 'h23' })}`);
  } catch (error) {
    if (question === asked) showTrouble(error);
  } finally {
    loading -= 1;
  }
}

function show(seen: OverviewJson): void {
  const isEmpty = seen.entries === 0;
  byId('store', HTMLElement).textContent = seen.store;
  byId('whole-state', HTMLElement).replaceChildren(...(isEmpty ? [emptyOutbox()] : []));
  content.hidden = isEmpty;
  const { counts, due, depth } = seen;
  const inQueue = counts.queued + counts.sending + counts.deferred;
  document.title = inQueue > 0 ? `(${number(inQueue)}) Outbox` : 'Outbox';
  if (isEmpty) return;
  const notes = byId('notes', HTMLElement);
  draw(notes, seen.notes, () => seen.notes.map((note) => element('li', {}, note)));
  notes.hidden = seen.notes.length === 0;
  draw(byId('states', HTMLElement), [counts, state], () => stateTiles(seen, state, choose));
  byId('depth-now', HTMLElement).textContent =
    depth.most === depth.now
      ? `${number(depth.now)} now`
      : `${number(depth.now)} now, at most ${number(depth.most)} at ${clockTime(depth.mostAtMs)}`;
  chart.show(seen);
  byId('next-note', HTMLElement).textContent =
    due.count === 0
      ? ''
      : `${number(due.count)} due${due.longestMs < 1_000 ? '' : `, for up to ${span(due.longestMs)}`}`;
  draw(byId('next', HTMLElement), seen.next, () => [nextList(seen.next, open)]);
  draw(byId('replies', HTMLElement), seen.replies, () => [replyList(seen.replies, open)]);
  draw(byId('domains', HTMLElement), [seen.domains, seen.window.name], () => [domainTable(seen)]);
  byId('domains-note', HTMLElement).textContent = 'recipients accepted per hour';
}

const drawn = new WeakMap<HTMLElement, string>();

/** Draws a part anew when what it shows has changed, and keeps the focus where it was. */
function draw(place: HTMLElement, shown: unknown, parts: () => readonly HTMLElement[]): void {
  const text = JSON.stringify(shown);
  if (drawn.get(place) === text) return;
  drawn.set(place, text);
  const active = document.activeElement;
  const key = active instanceof HTMLElement && place.contains(active) ? active.dataset['key'] : undefined;
  place.replaceChildren(...parts());
  if (key !== undefined) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function setLamp(kind: 'live' | 'lost' | 'waiting', text: string, detail = ''): void {
  document.documentElement.dataset['state'] = kind;
  // The time alone is no news for those who listen.
  const place = byId('state', HTMLElement);
  place.setAttribute('aria-live', kind === 'live' ? 'off' : 'polite');
  place.replaceChildren(text, element('span', { class: 'as-of' }, detail));
}

function emptyText(): string {
  if (find.value.trim() !== '')
    return `No message${state === undefined ? '' : ` that is ${state}`} holds “${find.value.trim()}”.`;
  return state === undefined ? 'There are no messages.' : `No message is ${state} (${STATE_MEANINGS[state]}).`;
}

function stateCard(title: string, ...parts: readonly (HTMLElement | string)[]): HTMLElement {
  const texts = parts.map((part) => (typeof part === 'string' ? element('p', {}, part) : part));
  return element('div', { class: 'state' }, element('h2', {}, title), ...texts);
}

function emptyOutbox(): HTMLElement {
  const made = stateCard(
    'Nothing here yet',
    'What a program enqueues in this store shows up at once.',
    element(
      'pre',
      { class: 'recipe' },
      "import { Outbox } from 'posthaste/outbox';\n\nawait using outbox = await Outbox.open({ mailer, store });\n" +
        "await outbox.enqueue(message, { key: 'order-1843' });",
    ),
  );
  made.prepend(element('img', { class: 'state-mark', src: '/icon.svg', width: '56', height: '56', alt: '' }));
  return made;
}

/** What was shown stays, with a word that it is old; where nothing was, the fault takes its place. */
function showTrouble(error: unknown): void {
  const isAnswer = error instanceof RequestError;
  const what = isAnswer ? 'The store cannot be read' : 'Connection lost, trying again';
  const why = error instanceof Error && isAnswer ? `${error.message}. ${error.hint}`.trim() : '';
  setLamp('lost', what);
  if (overview !== undefined) {
    if (why !== '') notice(`${what}: ${why} What is shown is of ${clockTime(overview.asOfMs)}.`);
    return;
  }
  content.hidden = true;
  const advice = isAnswer ? why : 'Is posthaste outbox --serve still running? The page goes on as soon as it is back.';
  byId('whole-state', HTMLElement).replaceChildren(
    stateCard(isAnswer ? 'The store cannot be read' : 'The page has no connection', advice),
  );
}

let noticeTimer: ReturnType<typeof setTimeout> | undefined;

function notice(text: string): void {
  const place = byId('notice', HTMLElement);
  place.textContent = text;
  place.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => {
    place.hidden = true;
  }, NOTICE_MS);
}

async function act(id: string, action: EntryAction): Promise<void> {
  try {
    const entry = await change(id, action);
    byId('said', HTMLElement).textContent =
      `${action === 'retry' ? 'To be tried again' : 'Cancelled'}: ${entry.envelope.to.join(', ')}`;
  } catch (error) {
    const hint = error instanceof RequestError ? ` ${error.hint}` : '';
    notice(`${error instanceof Error ? error.message : String(error)}.${hint}`.trim());
  }
  await load();
}

function choose(chosen: StateJson | undefined): void {
  state = chosen === state ? undefined : chosen;
  limit = FIRST_ENTRIES;
  byId('messages-title', HTMLElement).textContent = state === undefined ? 'Messages' : `Messages: ${state}`;
  void load();
}

/** Goes to one message, wherever it is in the list. */
function open(id: string): void {
  if (list.open(id)) return;
  state = undefined;
  byId('messages-title', HTMLElement).textContent = 'Messages';
  find.value = id;
  void load().then(() => list.open(id));
}

function drawWindows(): void {
  byId('windows', HTMLElement).replaceChildren(
    ...WINDOWS.map(([name, label]) => {
      const made = element('input', { type: 'radio', name: 'window', value: name });
      made.checked = name === windowName;
      made.addEventListener('change', () => {
        windowName = name;
        void load();
      });
      return element('label', {}, made, element('span', {}, label));
    }),
  );
}

let typing: ReturnType<typeof setTimeout> | undefined;
find.addEventListener('input', () => {
  clearTimeout(typing);
  limit = FIRST_ENTRIES;
  typing = setTimeout(() => void load(), TYPING_MS);
});
all.addEventListener('click', () => {
  find.value = '';
  state = undefined;
  choose(undefined);
  find.focus();
});
document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const isTyping = event.target === find;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    find.focus();
  }
  if (event.key === 'Escape' && isTyping) {
    find.value = '';
    void load();
  }
});

document.addEventListener('visibilitychange', changed);

byId('depth', HTMLElement).append(chart.figure);
drawWindows();
setLamp('waiting', 'Connecting');
setInterval(refreshMoments, 1_000);
listenTo('/api/events', {
  connected: () => void load(),
  lost: () => {
    showTrouble(undefined);
  },
  events: {
    changed,
    trouble: (data) => {
      const { message, hint } = data as TroubleJson;
      showTrouble(new RequestError(503, message, hint));
    },
  },
});
