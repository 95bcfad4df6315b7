/** `outbox` as a row of the table of commands. Its words are named here, so that the help loads no more than this. */
import type { Command } from '../command.js';
import { ACTIONS } from './actions.js';

export const outboxCommand: Command = {
  name: 'outbox',
  summary: 'Look at a durable outbox: its states, its depth over time, what comes next; retry and cancel.',
  operands: `DIR [${ACTIONS.join('|')}] [ID...]`,
  operandWords: { at: 1, words: ACTIONS },
  description: [
    'DIR is the folder of the store (npm lmdb), as Outbox.open() was given it. It is looked at beside the processes that send ' +
      'from it; this program sends nothing itself. Without a word behind DIR it prints an overview.',
    'list prints the messages in the order in which they were enqueued, show all about some, retry makes them due now, for those whom they ' +
      'have not reached, cancel gives them up, purge deletes what is over.',
  ],
  options: [
    {
      name: 'state',
      value: 'STATE',
      repeatable: true,
      choices: ['queued', 'sending', 'deferred', 'unknown', 'quarantined', 'sent', 'partial', 'failed', 'cancelled'],
      description:
        'For list, retry, cancel and purge: those of that state alone, in place of ids: queued, sending, deferred, unknown, ' +
        'quarantined, sent, partial, failed or cancelled. May be repeated.',
    },
    { name: 'limit', value: 'NUMBER', description: 'For list: so many at most.' },
    {
      name: 'older-than',
      value: 'TIME',
      description: 'For purge: what came to its end at least so long ago, such as 90s, 30m, 12h or 7d; 0s is all.',
    },
    {
      name: 'window',
      value: 'WINDOW',
      choices: ['24h', '1h', '6h', '7d'],
      description: 'How far back the overview looks: 24h, the default, 1h, 6h or 7d.',
    },
    { name: 'json', description: 'Write the overview as one JSON object; else one object per message, one per line.' },
    { name: 'serve', description: 'Show the outbox on a web page, with retry and cancel, until Ctrl-C.' },
    {
      name: 'port',
      value: 'PORT',
      description: 'With --serve: the port of the page. Default 8026; 0 takes a free one.',
    },
    {
      name: 'host',
      value: 'ADDRESS',
      description:
        'With --serve: the address to listen on. Default 127.0.0.1, which nobody but this machine reaches; anybody who reaches ' +
        'another one can see who gets mail, retry and cancel.',
    },
    {
      name: 'allow-host',
      value: 'NAME',
      repeatable: true,
      description:
        'With --serve: a name under which a browser may ask for the page, beside localhost and addresses. May be repeated.',
    },
  ],
  examples: [
    { line: 'posthaste outbox ./outbox', shows: 'states, depth over time, next attempts, last replies, rates' },
    { line: 'posthaste outbox ./outbox --serve', shows: 'the same as a page on http://127.0.0.1:8026/' },
    { line: 'posthaste outbox ./outbox --window 1h --json', shows: 'the last hour as JSON, for a monitor' },
    { line: 'posthaste outbox ./outbox list --state failed', shows: 'what did not arrive, and why' },
    {
      line: 'posthaste outbox ./outbox retry --state deferred',
      shows: 'tries at once what waits, after a fault was mended',
    },
    { line: 'posthaste outbox ./outbox cancel 01mhxy6q40000a1b2c3d4e5f6', shows: 'gives one message up' },
    { line: 'posthaste outbox ./outbox purge --older-than 30d', shows: 'deletes what is over and old' },
  ],
  load: async () => (await import('./outbox.js')).outbox,
};
