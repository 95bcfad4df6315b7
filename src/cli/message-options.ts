/** Options of every command that sends messages: how their fields and octets are read, and how long to wait. */
import type { OptionSpec } from './command.js';

export const MESSAGE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'resent',
    value: 'WHICH',
    choices: ['error', 'latest', 'ignore'],
    description:
      'When a message has more than one set of Resent-* fields: refuse it (error, the default) or use the topmost set ' +
      '(latest). ignore uses the plain fields, whatever the Resent-* fields say.',
  },
  { name: 'allow-long-lines', description: 'Let lines of more than 998 octets pass, which are refused otherwise.' },
  {
    name: 'line-endings',
    value: 'HOW',
    choices: ['normalize', 'normalize-all', 'reject'],
    description:
      'What becomes of line ends that are not CRLF: they become CRLF, but a lone CR in the header block is refused ' +
      '(normalize, the default); they become CRLF there too (normalize-all); they are refused (reject).',
  },
  {
    name: 'timeout',
    value: 'MS',
    description:
      'How long to wait for each answer of the server, in milliseconds; for the last one at least 60000, because ' +
      'giving up on it early makes duplicates.',
  },
  {
    name: 'debug',
    description: 'Show the conversation with the server on standard error, without secrets or bodies.',
  },
];
