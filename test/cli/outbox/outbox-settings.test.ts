import { parseArguments } from '../../../src/cli/arguments.js';
import { ACTIONS } from '../../../src/cli/outbox/actions.js';
import { outboxCommand } from '../../../src/cli/outbox/outbox-command.js';
import { outboxSettings, type OutboxSettings } from '../../../src/cli/outbox/outbox-settings.js';
import { STATES, WINDOW_NAMES } from '../../../src/outbox-view/index.js';

const settings = (...words: string[]): OutboxSettings =>
  outboxSettings(parseArguments(words, outboxCommand.options, 'help'));

it.each([
  [['./o'], { kind: 'overview', path: './o', json: false, window: '24h' }],
  [['./o', '--window', '1h', '--json'], { kind: 'overview', window: '1h', json: true }],
  [['./o', '--serve'], { kind: 'serve', host: '127.0.0.1', port: 8026, allowedHosts: [] }],
  [['./o', '--serve', '--port', '0', '--allow-host', 'x'], { port: 0, allowedHosts: ['x'] }],
  [['./o', 'list'], { kind: 'list', states: [], limit: Infinity }],
  [['./o', 'list', '--state', 'sent', '--state', 'sent', '--limit', '3'], { states: ['sent'], limit: 3 }],
  [['./o', 'show', 'a', 'b'], { kind: 'show', ids: ['a', 'b'] }],
  [['./o', 'retry', 'a'], { kind: 'retry', ids: ['a'], states: [] }],
  [['./o', 'cancel', '--state', 'queued'], { kind: 'cancel', ids: [], states: ['queued'] }],
  [['./o', 'purge', '--older-than', '36h'], { kind: 'purge', olderThanMs: 129_600_000, states: [] }],
  [['./o', 'purge', '--older-than', '0s'], { olderThanMs: 0 }],
  [['./o', 'purge', '--older-than', '7d'], { olderThanMs: 604_800_000 }],
])('%j', (words, expected) => {
  expect(settings(...words)).toMatchObject(expected);
});

it.each([
  [[], /no outbox was given/],
  [[''], /no outbox was given/],
  [['redis://x'], /a URL/],
  [['./o', 'lst'], /does not know lst/],
  [['./o', 'list', 'a'], /takes no ids/],
  [['./o', 'show'], /needs an id/],
  [['./o', 'retry'], /needs ids, or a state/],
  [['./o', 'retry', 'a', '--state', 'failed'], /ids and a state/],
  [['./o', 'purge'], /needs --older-than/],
  [['./o', 'purge', '--older-than', '7'], /is no time/],
  [['./o', 'purge', '--older-than', '999999999d'], /is no time/],
  [['./o', 'list', '--limit', '0'], /from 1 upwards/],
  [['./o', '--serve', '--port', '65536'], /from 0 to 65535/],
  [['./o', 'list', '--serve'], /--serve and list/],
  [['./o', '--serve', '--json'], /--json was given with --serve/],
  [['./o', 'list', '--port', '1'], /--port means nothing for list/],
  [['./o', '--state', 'sent'], /--state means nothing for an overview/],
  [['./o', 'show', 'a', '--window', '1h'], /--window means nothing for show/],
])('%j is refused', (words, message) => {
  expect(() => settings(...words)).toThrow(message);
});

it('says what was meant', () => {
  const hintOf = (...words: string[]): unknown => {
    try {
      settings(...words);
    } catch (error) {
      return (error as { hint?: string }).hint;
    }
    return undefined;
  };
  expect(hintOf('./o', 'cancle')).toBe('Did you mean cancel?');
  expect(hintOf('./o', 'everything')).toBe('It knows list, show, retry, cancel, purge.');
  expect(hintOf('./o', 'list', '--host', 'x')).toBe('It is for --serve.');
  expect(hintOf('./o', 'list', '--state', 'faild')).toContain('Did you mean failed?');
});

it('the words of the help are those that there are', () => {
  const choicesOf = (option: string): unknown => outboxCommand.options.find(({ name }) => name === option)?.choices;
  expect([choicesOf('state'), choicesOf('window')]).toEqual([STATES, WINDOW_NAMES]);
  expect(outboxCommand.operandWords?.words).toEqual(ACTIONS);
});
