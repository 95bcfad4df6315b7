/** What `outbox` was asked for: checked once, before the store is opened. What does not go together is refused. */
import { WINDOW_NAMES, type StateJson, type WindowName } from '../../outbox-view/index.js';
import type { Arguments } from '../command.js';
import { CliError } from '../cli-error.js';
import { oneLine } from '../one-line.js';
import { suggest } from '../suggest.js';
import { ACTIONS } from './actions.js';

/** Where people find the page; the inbox's is beside it. */
const PORT = 8026;
const LOOPBACK = '127.0.0.1';
const MOST_DAYS = 36_500;

interface Common {
  readonly path: string;
  readonly json: boolean;
}

export type OutboxSettings = Common &
  (
    | { readonly kind: 'overview'; readonly window: WindowName }
    | { readonly kind: 'serve'; readonly host: string; readonly port: number; readonly allowedHosts: readonly string[] }
    | { readonly kind: 'list'; readonly states: readonly StateJson[]; readonly limit: number }
    | { readonly kind: 'show'; readonly ids: readonly string[] }
    /** Either ids or states. */
    | { readonly kind: 'retry' | 'cancel'; readonly ids: readonly string[]; readonly states: readonly StateJson[] }
    | { readonly kind: 'purge'; readonly states: readonly StateJson[]; readonly olderThanMs: number }
  );

/** The options that mean something, beside --json. */
const OPTIONS_OF: Readonly<Record<OutboxSettings['kind'], readonly string[]>> = {
  overview: ['window'],
  serve: ['port', 'host', 'allow-host'],
  list: ['state', 'limit'],
  show: [],
  retry: ['state'],
  cancel: ['state'],
  purge: ['state', 'older-than'],
};

/** Throws CliError, exit `usage`. */
export function outboxSettings(given: Arguments): OutboxSettings {
  const [path = '', word, ...ids] = given.operands;
  if (path === '') throw usage('no outbox was given', 'Name the folder of its store: posthaste outbox ./outbox.');
  if (path.includes('://'))
    throw usage('a URL was given where a folder stands', 'An outbox is a folder of this machine.');
  const kind = kindOf(given, word);
  checkOptions(kind, given);
  const states = [...new Set(given.values('state'))] as StateJson[];
  const common = { path, json: given.has('json') };
  switch (kind) {
    case 'overview':
      return { ...common, kind, window: (given.value('window') ?? WINDOW_NAMES[0]) as WindowName };
    case 'serve':
      if (common.json) throw usage('--json was given with --serve', 'The page has a REST interface, at api/overview.');
      return {
        ...common,
        kind,
        host: given.value('host') ?? LOOPBACK,
        port: wholeNumber('port', given, 0, 65_535) ?? PORT,
        allowedHosts: given.values('allow-host'),
      };
    case 'list':
      noIds(kind, ids);
      return { ...common, kind, states, limit: wholeNumber('limit', given, 1, Number.MAX_SAFE_INTEGER) ?? Infinity };
    case 'show':
      if (ids.length === 0) throw usage('show needs an id', 'posthaste outbox DIR list prints the ids.');
      return { ...common, kind, ids };
    case 'retry':
    case 'cancel':
      if (ids.length === 0 && states.length === 0) {
        throw usage(
          `${kind} needs ids, or a state`,
          `Write ${kind} ID, or ${kind} --state deferred for all of that state.`,
        );
      }
      if (ids.length > 0 && states.length > 0) throw usage(`${kind} got ids and a state`, 'Give one or the other.');
      return { ...common, kind, ids, states };
    case 'purge':
      noIds(kind, ids);
      return { ...common, kind, states, olderThanMs: timeOf(given.value('older-than')) };
  }
}

function kindOf(given: Arguments, word: string | undefined): OutboxSettings['kind'] {
  if (given.has('serve')) {
    if (word !== undefined) throw usage(`--serve and ${oneLine(word)} were both given`, 'Give one or the other.');
    return 'serve';
  }
  if (word === undefined) return 'overview';
  const action = ACTIONS.find((known) => known === word);
  if (action !== undefined) return action;
  const meant = suggest(word, ACTIONS);
  const hint = meant === undefined ? `It knows ${ACTIONS.join(', ')}.` : `Did you mean ${meant}?`;
  throw usage(`outbox does not know ${oneLine(word)}`, hint);
}

function checkOptions(kind: OutboxSettings['kind'], given: Arguments): void {
  const all = new Set(Object.values(OPTIONS_OF).flat());
  const extra = [...all].find((name) => given.has(name) && !OPTIONS_OF[kind].includes(name));
  if (extra === undefined) return;
  const places = Object.entries(OPTIONS_OF).filter(([, names]) => names.includes(extra));
  const where = places.map(([name]) => (name === 'serve' ? '--serve' : name === 'overview' ? 'the overview' : name));
  const what = kind === 'overview' ? 'an overview' : kind === 'serve' ? '--serve' : kind;
  throw usage(`--${extra} means nothing for ${what}`, `It is for ${where.join(', ')}.`);
}

function noIds(kind: string, ids: readonly string[]): void {
  if (ids.length > 0) throw usage(`${kind} takes no ids`, `posthaste outbox DIR show ID shows one message.`);
}

function wholeNumber(option: string, given: Arguments, least: number, most: number): number | undefined {
  const text = given.value(option);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const upTo = most === Number.MAX_SAFE_INTEGER ? 'upwards' : `to ${String(most)}`;
  throw usage(`--${option} is no whole number from ${String(least)} ${upTo}`, `Write --${option} and a number.`);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What is deleted is gone, and with it the keys: nobody does that by leaving an option out. */
function timeOf(text: string | undefined): number {
  if (text === undefined) {
    throw usage(
      'purge needs --older-than',
      'Write --older-than 7d, or 0s for all that is over: a message whose key is deleted may be enqueued, and sent, again.',
    );
  }
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = count === '' ? Number.NaN : Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (ms <= MOST_DAYS * (UNIT_MS['d'] ?? 0)) return ms;
  throw usage('--older-than is no time', 'Write a whole number and s, m, h or d, such as 90s, 30m, 12h or 7d.');
}

function usage(message: string, hint: string): CliError {
  return new CliError('usage', message, hint);
}
